import { ToolError } from '../tools/tool.ts';

const MAX_BYTES = 4 * 1024 * 1024;
/** The app may be loading a version. */
const STARTING_RETRIES = 5;
const RETRY_MS = 500;

type Access = () => { port: number; token: string | undefined };

/** The project's own server, as the runner serves it. */
export class ProjectServer {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#send('GET', path, undefined, signal);
  }

  async post(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#send('POST', path, body, signal);
  }

  async #send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const response = await this.#fetch(method, path, body, signal);
      const text = await boundedText(response);
      if (response.status === 503 && tries < STARTING_RETRIES) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      if (!response.ok) throw new ToolError(`The project's server answers ${response.status}: ${text.slice(0, 2000)}`);
      return parse(text);
    }
  }

  async #fetch(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const { port, token } = this.#access();
    try {
      return await fetch(`http://127.0.0.1:${port}/api${path}`, {
        method,
        headers: { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new ToolError(
        `The project's server does not answer: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
    }
  }
}

async function boundedText(response: Response): Promise<string> {
  let size = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new ToolError('The answer of the project’s server is too long to look at.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

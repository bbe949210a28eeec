import { request } from 'node:http';
import type { z } from 'zod';

/** The engine refused a call of the command line tool, or is not there. */
export class AdminError extends Error {
  /** HTTP status; 0 when nobody answers. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'AdminError';
    this.code = code;
  }
}

/** Freezing, taking down and removing take seconds at most; removing many layers takes longer. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * Asks the engine that listens on `socket`.
 * @param call such as `GET /status`
 * @param onText takes the answer as it comes, instead of all of it at the end
 * @throws AdminError
 */
export function askEngine(
  socket: string,
  call: string,
  body?: unknown,
  onText?: (part: string) => void,
): Promise<string> {
  const [method = 'GET', path = '/'] = call.split(' ');
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath: socket, method, path, timeout: TIMEOUT_MS, headers: { host: 'engine' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        const isProgress = onText !== undefined && (response.statusCode ?? 0) < 300;
        response.on('data', (part: string) => {
          if (isProgress) onText(part);
          else text += part;
        });
        response.on('error', reject);
        response.on('end', () => {
          const code = response.statusCode ?? 0;
          if (code < 300) resolve(text);
          else reject(new AdminError(code, messageOf(text)));
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('it took too long')));
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES') reject(new AdminError(0, 'Only root may ask the engine: run this as root.'));
      else reject(new AdminError(0, `The engine does not answer: ${error.code ?? error.message}`));
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The same, for an answer with a body of JSON. */
export async function askForJson<T extends z.ZodType>(
  socket: string,
  call: string,
  schema: T,
  body?: unknown,
): Promise<z.infer<T>> {
  return schema.parse(JSON.parse(await askEngine(socket, call, body)));
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not one of our own answers: shown as it is.
  }
  return text.slice(0, 300);
}

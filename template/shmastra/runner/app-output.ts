import type { Readable } from 'node:stream';

const INSPECTOR = /^Debugger listening on (ws:\/\/\S+)$/;
const CHATTER = /^(Debugger |For help, see: )/;
const MAX_WAITING_LINE = 64 * 1024;

/** Passes on what a process writes to its error output, and picks out the address of its inspector. */
export class AppOutput {
  #rest = '';
  #onInspector: ((url: string) => void) | undefined;
  #inspectorUrl: string | undefined;

  constructor(stream: Readable) {
    stream.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    stream.on('end', () => process.stderr.write(this.#rest));
    stream.on('error', () => {});
  }

  /** The address of the inspector, as soon as the process has told it. */
  inspector(): Promise<string> {
    if (this.#inspectorUrl !== undefined) return Promise.resolve(this.#inspectorUrl);
    return new Promise((resolve) => (this.#onInspector = resolve));
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_WAITING_LINE) lines.push(this.#rest.slice(0, MAX_WAITING_LINE), (this.#rest = ''));
    for (const line of lines) {
      const url = INSPECTOR.exec(line)?.[1];
      if (url !== undefined) this.#onInspector?.((this.#inspectorUrl = url));
      if (!CHATTER.test(line)) process.stderr.write(`${line}\n`);
    }
  }
}

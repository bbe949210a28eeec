/** Longest beginning of a line that is looked at. Bytes. */
const HEAD_LIMIT = 128;

export type EventReader = {
  /** A new event's name, before its data. @returns whether its data is to be read */
  wants(event: string): boolean;
  /** A part of the event's data. */
  data(chunk: Uint8Array, from: number, to: number): void;
  /** The event is complete. */
  ended(): void;
};

const HEAD = 0;
const DATA = 1;
const SKIP = 2;

/**
 * Finds the data of server-sent events in chunks of any size. Nothing is kept but the beginning of a line. Lines end with
 * LF or CRLF, as all providers write them.
 */
export function createSseReader(reader: EventReader): (chunk: Uint8Array) => void {
  let state = HEAD;
  let head = '';
  let wanted: boolean | null = null;
  let hasData = false;

  function lineEnds(): void {
    // An empty line ends the event.
    if (state === HEAD && (head === '' || head === '\r')) {
      if (hasData) reader.ended();
      wanted = null;
      hasData = false;
    } else if (state === HEAD && head.startsWith('event:')) wanted = reader.wants(head.slice(6).trim());
    state = HEAD;
    head = '';
  }

  return (chunk) => {
    for (let index = 0; index < chunk.length; index++) {
      if (state !== HEAD) {
        const end = chunk.indexOf(10, index);
        const to = end === -1 ? chunk.length : end;
        if (state === DATA) reader.data(chunk, index, to);
        index = to;
        if (end !== -1) lineEnds();
        continue;
      }
      const byte = chunk[index] ?? 0;
      if (byte === 10) {
        lineEnds();
        continue;
      }
      head += String.fromCharCode(byte);
      if (head === 'data:') {
        wanted ??= reader.wants('');
        state = wanted ? DATA : SKIP;
        hasData ||= wanted;
      } else if (head.length >= HEAD_LIMIT) state = SKIP;
    }
  };
}

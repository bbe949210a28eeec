import { PbfReader, PbfWriter } from 'pbf';
import { EnvdError } from './errors.ts';
import { ENUMS, type Field, MESSAGES } from './protobuf-messages.ts';

/** A message in the shape of protobuf's JSON: bytes in base64, 64-bit numbers as text; enums as numbers when decoded. */
type Message = Record<string, unknown>;

const LENGTH_DELIMITED = 2;

/**
 * Decodes a message of a type in MESSAGES; fields it does not know are passed over.
 * @throws EnvdError invalid_argument
 */
export function decodeMessage(type: string, bytes: Buffer): Message {
  try {
    return readMessage(new PbfReader(bytes), type, bytes.length);
  } catch {
    throw new EnvdError('invalid_argument', 'the request is not a valid protobuf message');
  }
}

/** Encodes a message of a type in MESSAGES. */
export function encodeMessage(type: string, message: unknown): Buffer {
  const writer = new PbfWriter();
  writeMessage(writer, type, isMessage(message) ? message : {});
  return Buffer.from(writer.finish());
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}

function fieldsOf(type: string): Field[] {
  const fields = MESSAGES[type];
  if (!fields) throw new Error(`there is no message ${type}`);
  return fields;
}

function readMessage(reader: PbfReader, type: string, end: number): Message {
  const message: Message = {};
  const fields = fieldsOf(type);
  while (reader.pos < end) {
    const tag = reader.readVarint();
    const field = fields.find(([number]) => number === tag >> 3);
    if (!field) {
      reader.skip(tag);
      continue;
    }
    const [, name, kind, isRepeated] = field;
    const value = readValue(reader, kind, tag & 7);
    const present = message[name];
    if (kind === 'map' && isMessage(present)) Object.assign(present, value);
    else if (!isRepeated) message[name] = value;
    else if (Array.isArray(present)) present.push(value);
    else message[name] = [value];
  }
  if (reader.pos !== end) throw new RangeError('a field runs over its message');
  return message;
}

function readValue(reader: PbfReader, kind: string, wireType: number): unknown {
  if (kind === 'bool' || kind === 'uint32' || kind in ENUMS) {
    if (wireType !== 0) throw new RangeError('not a number');
    return kind === 'bool' ? reader.readBoolean() : reader.readVarint();
  }
  if (wireType !== LENGTH_DELIMITED) throw new RangeError('has no length');
  if (kind === 'string' || kind === 'bytes') {
    const bytes = Buffer.from(reader.readBytes());
    if (reader.pos > reader.length) throw new RangeError('too long');
    return bytes.toString(kind === 'bytes' ? 'base64' : 'utf8');
  }
  const end = reader.readVarint() + reader.pos;
  if (end > reader.length) throw new RangeError('too long');
  if (kind !== 'map') return readMessage(reader, kind, end);
  const { key, value } = readMessage(reader, 'MapEntry', end);
  return { [String(key ?? '')]: value ?? '' };
}

function writeMessage(writer: PbfWriter, type: string, message: Message): void {
  for (const [number, name, kind, isRepeated] of fieldsOf(type)) {
    const value = message[name];
    if (value === undefined || value === null) continue;
    if (kind === 'map') {
      for (const [key, text] of Object.entries(value)) writeValue(writer, number, 'MapEntry', { key, value: text });
    } else if (isRepeated && Array.isArray(value)) {
      for (const item of value) writeValue(writer, number, kind, item);
    } else {
      writeValue(writer, number, kind, value);
    }
  }
}

function writeValue(writer: PbfWriter, number: number, kind: string, value: unknown): void {
  const numbers = ENUMS[kind];
  if (numbers) writer.writeVarintField(number, numbers[String(value)] ?? 0);
  else if (kind === 'string') writer.writeStringField(number, String(value));
  else if (kind === 'bytes') writer.writeBytesField(number, Buffer.from(String(value), 'base64'));
  else if (kind === 'bool') writer.writeBooleanField(number, value === true);
  else if (kind === 'uint32' || kind === 'int64') writer.writeVarintField(number, Number(value));
  else if (kind === 'sint32') writer.writeSVarintField(number, Number(value));
  else if (kind === 'timestamp') writer.writeMessage(number, writeTimestamp, Date.parse(String(value)));
  else writer.writeMessage(number, (fields, inner) => writeMessage(inner, kind, fields), isMessage(value) ? value : {});
}

/** google.protobuf.Timestamp: seconds and nanoseconds. */
function writeTimestamp(milliseconds: number, writer: PbfWriter): void {
  const seconds = Math.floor(milliseconds / 1000);
  writer.writeVarintField(1, seconds);
  writer.writeVarintField(2, (milliseconds - seconds * 1000) * 1_000_000);
}

import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { bytesOf, startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';
import { decodeFrames, encodeFrame, frameOf } from './frames.ts';
import { decodeMessage, encodeMessage } from './protobuf.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('messages in binary protobuf', () => {
  it('are read', () => {
    // process { cmd: "ls" args: "-l" args: "" envs { "A": "b" } cwd: "/" } pty { size { cols: 300 rows: 24 } } stdin: false
    const start = hex('0a15 0a026c73 12022d6c 1200 1a06 0a0141 120162 22012f 1207 0a05 08ac02 1018 2000');
    expect(decodeMessage('StartRequest', start)).toEqual({
      process: { cmd: 'ls', args: ['-l', ''], envs: { A: 'b' }, cwd: '/' },
      pty: { size: { cols: 300, rows: 24 } },
      stdin: false,
    });
    expect(decodeMessage('SendSignalRequest', hex('0a02 0807 1009'))).toEqual({ process: { pid: 7 }, signal: 9 });
    expect(decodeMessage('SendInputRequest', hex('0a03 120174 1204 1202ff00'))).toEqual({
      process: { tag: 't' },
      input: { pty: '/wA=' },
    });
  });

  it('are read without fields that are not known', () => {
    expect(decodeMessage('StatRequest', hex('f80105 0a0161 fa0102 6869'))).toEqual({ path: 'a' });
  });

  it('are written', () => {
    const end = { event: { end: { exitCode: -1, exited: false, status: 'x', error: 'y' } } };
    expect(encodeMessage('StartResponse', end)).toEqual(hex('0a0c 1a0a 0801 1000 1a0178 220179'));
    const pieces = { event: { data: { stdout: '/wA=' } } };
    expect(encodeMessage('ConnectResponse', pieces)).toEqual(hex('0a06 1204 0a02ff00'));
    const entry = {
      type: 'FILE_TYPE_DIRECTORY',
      size: '4294967296',
      modifiedTime: '2020-01-01T00:00:00.500Z',
      metadata: { k: 'v' },
    };
    expect(encodeMessage('StatResponse', { entry })).toEqual(
      hex('0a1e 1002 20 8080808010 4a0c 08 80c2aff005 10 80cab5ee01 5a06 0a016b 120176'),
    );
    expect(encodeMessage('WatchDirResponse', { start: {} })).toEqual(hex('0a00'));
    expect(encodeMessage('RemoveResponse', {})).toEqual(Buffer.alloc(0));
  });

  it.each(['0a05 61', '0aff', '0801', '0a ffffffffffffffffff01', '0b', 'ff'])(
    'are refused when they are broken: %s',
    (text) => {
      expect(() => decodeMessage('StatRequest', hex(text))).toThrowError(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    },
  );

  it('are read in linear time', () => {
    const many = Buffer.concat([hex('0a80897a'), Buffer.from('1200'.repeat(1_000_000), 'hex')]);
    const { process } = decodeMessage('StartRequest', many) as { process: { args: string[] } };
    expect(process.args).toHaveLength(1_000_000);
  });
});

describe('envd', () => {
  let envd: TestEnvd;
  beforeAll(async () => {
    envd = await startTestEnvd();
  });
  afterAll(() => envd.close());
  const post = async (path: string, type: string, body: Buffer) => {
    const headers = { 'content-type': type, 'x-access-token': TOKEN };
    const answer = await fetch(envd.url + path, { method: 'POST', headers, body: new Uint8Array(body) });
    const [given, bytes] = [answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())];
    return { status: answer.status, type: given, bytes };
  };

  it('answers in it, with errors in JSON', async () => {
    const made = await post('/filesystem.Filesystem/MakeDir', 'application/proto', hex('0a036e6577'));
    expect(made).toMatchObject({ status: 200, type: 'application/proto' });
    expect(made.bytes.toString('latin1')).toContain(`${envd.home}/new`);
    const again = await post('/filesystem.Filesystem/MakeDir', 'application/proto', hex('0a036e6577'));
    expect(again).toMatchObject({ status: 409, type: 'application/json' });
    expect(JSON.parse(again.bytes.toString())).toMatchObject({ code: 'already_exists' });
    expect((await post('/process.Process/List', 'application/grpc', hex(''))).status).toBe(415);
  });

  it('streams in it', async () => {
    // process { cmd: "/bin/echo" args: "hi" }
    const start = frameOf(hex('0a0f 0a092f62696e2f6563686f 12026869'));
    const answer = await post('/process.Process/Start', 'application/connect+proto', start);
    expect(answer.type).toBe('application/connect+proto');
    const frames: string[] = [];
    for await (const frame of decodeFrames(Readable.from([answer.bytes]), 1000)) frames.push(frame.toString('hex'));
    expect(frames.slice(1)).toEqual(
      ['0a07 1205 0a03 68690a', '0a15 1a13 0800 1001 1a0d 65786974207374617475732030'].map((text) =>
        text.replaceAll(' ', ''),
      ),
    );
  });

  it('takes a stream of input', async () => {
    const ended = envd.stream('/process.Process/Start', { process: { cmd: '/bin/cat' }, tag: 'cat' });
    const isListed = async () =>
      (await post('/process.Process/List', 'application/json', hex('7b7d'))).bytes.includes('"cat"');
    await waitUntil(isListed, 5000, 10);
    const data = (text: string) => ({ data: { input: { stdin: Buffer.from(text).toString('base64') } } });
    const messages = [{ start: { process: { tag: 'cat' } } }, data('one '), { keepalive: {} }, data('two')];
    const body = Buffer.concat(messages.map((message) => encodeFrame(message)));
    const answer = await post('/process.Process/StreamInput', 'application/connect+json', body);
    expect(answer.bytes.toString('latin1')).toBe('\0\0\0\0\x02{}\x02\0\0\0\x02{}');
    await envd.call('/process.Process/CloseStdin', { process: { tag: 'cat' } });
    expect(bytesOf(await ended, 'stdout').toString()).toBe('one two');
    const early = await post('/process.Process/StreamInput', 'application/connect+json', encodeFrame(data('x')));
    expect(early.bytes.toString()).toContain('invalid_argument');
  });
});

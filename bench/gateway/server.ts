/**
 * A process of the benchmark: `upstream`, `bare <port of the upstream>` or `full <port> <database> <folder>`. Each loads what it
 * needs alone, so that its memory is its own. It tells its parent the port that it listens on.
 */
const [, , role = '', port = '', database = '', folder = ''] = process.argv;

const { port: listening, close } = await start();
process.on('SIGTERM', stop);
process.on('disconnect', stop);
process.send?.({ port: listening });

async function start(): Promise<{ port: number; close(): Promise<void> }> {
  if (role === 'upstream') return (await import('./upstream.ts')).startUpstream();
  if (role === 'bare') return (await import('./bare.ts')).startBare(Number(port));
  return (await import('./full.ts')).startFull(Number(port), database, folder);
}

function stop(): void {
  void close().finally(() => process.exit(0));
}

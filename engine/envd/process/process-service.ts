import type { ChildProcess } from 'node:child_process';
import { afterActive } from '../active-timer.ts';
import { EnvdError, errnoCode } from '../http/errors.ts';
import type { EventStream } from '../http/event-stream.ts';
import { rpc, type RpcCall, type Rpcs } from '../http/rpc.ts';
import { type Context, requestUser } from '../state.ts';
import { inputRequest, KEEPALIVE, selectRequest, signalRequest, type StartRequest, startRequest } from './messages.ts';
import { ProcessTable } from './process-table.ts';
import { RunningProcess } from './running-process.ts';
import { spawnAs } from './spawn.ts';

const SIGNALS: Record<string | number, 'SIGKILL' | 'SIGTERM'> = {
  SIGNAL_SIGKILL: 'SIGKILL',
  SIGNAL_SIGTERM: 'SIGTERM',
  9: 'SIGKILL',
  15: 'SIGTERM',
};

const timedOut = () => new EnvdError('deadline_exceeded', 'the command ran longer than its timeout');

/** The Process RPCs. */
export function processRpcs(context: Context): Rpcs {
  const table = new ProcessTable();
  return {
    Start: rpc.stream(startRequest, KEEPALIVE, (request, call) => start(context, table, request, call)),
    Connect: rpc.stream(selectRequest, KEEPALIVE, async (request, call) => {
      const process = table.find(request.process);
      const stream = call.open();
      onDeadline(call, stream, () => process.detach(stream));
      process.attach(stream);
    }),
    List: rpc.unary(rpc.empty, async () => ({
      processes: table
        .running()
        .map(({ config, pid, tag }) => ({ config, pid, ...(tag === undefined ? {} : { tag }) })),
    })),
    SendInput: rpc.unary(inputRequest, async ({ process, input }) => {
      if (input.pty !== undefined) throw new EnvdError('failed_precondition', 'the process has no terminal');
      await table.findRunning(process).write(Buffer.from(input.stdin ?? '', 'base64'));
      return {};
    }),
    CloseStdin: rpc.unary(selectRequest, async ({ process }) => {
      table.findRunning(process).closeStdin();
      return {};
    }),
    SendSignal: rpc.unary(signalRequest, async ({ process, signal }) => {
      const name = SIGNALS[signal];
      if (!name) throw new EnvdError('invalid_argument', `signal '${signal}' is not supported`);
      table.findRunning(process).signal(name);
      return {};
    }),
    Update: rpc.unary(selectRequest, async () => {
      throw new EnvdError('unimplemented', 'terminals are not supported yet');
    }),
  };
}

async function start(context: Context, table: ProcessTable, request: StartRequest, call: RpcCall): Promise<void> {
  if (request.pty) throw new EnvdError('unimplemented', 'terminals are not supported yet');
  const user = requestUser(context, call.user);
  const child = spawnAs(user, request.process, context.defaults, request.stdin ?? true);
  const pid = await started(child, request.process.cmd);
  const process = new RunningProcess(child, pid, request.process, request.tag);
  table.add(process);
  const stream = call.open();
  // The deadline belongs to the command, not to the connection: it holds after the client has gone.
  const cancel = onDeadline(call, stream, () => {
    process.detach(stream);
    process.signal('SIGKILL');
  });
  void process.ended.then(cancel);
  process.attach(stream);
}

async function started(child: ChildProcess, command: string): Promise<number> {
  if (child.pid !== undefined) {
    child.on('error', () => {});
    return child.pid;
  }
  const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
  throw new EnvdError('invalid_argument', `cannot start '${command}': ${errnoCode(error) ?? 'failed'}`);
}

function onDeadline(call: RpcCall, stream: EventStream, action: () => void): () => void {
  if (call.deadlineMs === undefined) return () => {};
  return afterActive(call.deadlineMs, () => {
    action();
    stream.end(timedOut());
  });
}

import { EnvdError } from '../http/errors.ts';
import { endAtDeadline } from '../http/event-stream.ts';
import { rpc, type RpcCall, type Rpcs } from '../http/rpc.ts';
import { type Context, requestUser } from '../state.ts';
import {
  inputRequest,
  KEEPALIVE,
  selectRequest,
  signalRequest,
  type StartRequest,
  startRequest,
  streamInputRequest,
  updateRequest,
} from './messages.ts';
import { ProcessTable } from './process-table.ts';
import type { RunningProcess } from './running-process.ts';
import { startProcess } from './start-process.ts';

const SIGNALS: Record<string | number, 'SIGKILL' | 'SIGTERM'> = {
  SIGNAL_SIGKILL: 'SIGKILL',
  SIGNAL_SIGTERM: 'SIGTERM',
  9: 'SIGKILL',
  15: 'SIGTERM',
};

/** The Process RPCs. */
export function processRpcs(context: Context): Rpcs {
  const table = new ProcessTable();
  return {
    Start: rpc.stream(startRequest, KEEPALIVE, (request, call) => start(context, table, request, call)),
    Connect: rpc.stream(selectRequest, KEEPALIVE, async (request, call) => {
      const process = table.find(request.process);
      const stream = call.open();
      stream.onClose(endAtDeadline(call, stream, () => process.detach(stream)));
      process.attach(stream);
    }),
    List: rpc.unary(rpc.empty, async () => ({
      processes: table
        .running()
        .map(({ config, pid, tag }) => ({ config, pid, ...(tag === undefined ? {} : { tag }) })),
    })),
    SendInput: rpc.unary(inputRequest, async ({ process, input }, call) => {
      await table.findRunning(process).write(input, call.abort);
      return {};
    }),
    StreamInput: rpc.clientStream(streamInputRequest, async (messages, call) => {
      const { abort } = call;
      let process: RunningProcess | undefined;
      for await (const { start: selected, data } of messages) {
        if (selected) process = table.findRunning(selected.process);
        else if (data && !process)
          throw new EnvdError('invalid_argument', 'the input comes before its process is named');
        else if (data) await process?.write(data.input, abort);
      }
      return {};
    }),
    CloseStdin: rpc.unary(selectRequest, async ({ process }) => {
      table.findRunning(process).closeStdin();
      return {};
    }),
    SendSignal: rpc.unary(signalRequest, async ({ process, signal }) => {
      const name = SIGNALS[signal];
      const found = table.findRunning(process);
      if (!name) throw new EnvdError('unimplemented', `invalid signal: ${signal}`);
      found.signal(name);
      return {};
    }),
    Update: rpc.unary(updateRequest, async ({ process, pty }) => {
      const found = table.findRunning(process);
      if (pty) found.resize(pty.size);
      return {};
    }),
  };
}

async function start(context: Context, table: ProcessTable, request: StartRequest, call: RpcCall): Promise<void> {
  const process = startProcess(context, requestUser(context, call.user), request);
  table.add(process);
  const stream = call.open();
  // The deadline belongs to the command, not to the connection: it holds after the client has gone.
  const cancel = endAtDeadline(call, stream, () => {
    process.detach(stream);
    process.signal('SIGKILL');
  });
  void process.ended.then(cancel);
  process.attach(stream);
}

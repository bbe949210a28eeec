import * as z from 'zod/mini';
import { listApps } from '../apps/list-apps.ts';
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

const RUN_MS = 180_000;
const id = z.string().check(z.regex(/^[\w.-]{1,100}$/));

const described = z.looseObject({
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  description: z.optional(z.string()),
});
const listing = z.record(z.string(), described);
const generated = z.looseObject({
  text: z.optional(z.string()),
  toolCalls: z.optional(z.array(z.unknown())),
  toolResults: z.optional(z.array(z.unknown())),
  traceId: z.optional(z.string()),
  runId: z.optional(z.string()),
  error: z.optional(z.unknown()),
});
const workflowResult = z.looseObject({
  status: z.optional(z.string()),
  result: z.optional(z.unknown()),
  error: z.optional(z.unknown()),
  steps: z.optional(
    z.record(z.string(), z.looseObject({ status: z.optional(z.string()), error: z.optional(z.unknown()) })),
  ),
  traceId: z.optional(z.string()),
});
const spans = z.looseObject({ spans: z.array(z.looseObject({})) });
const traces = z.looseObject({ spans: z.optional(z.array(z.looseObject({}))) });

/** Looking at, and trying out, what the project's server serves. */
export function projectTools({ tool, server, projectDir }: ToolContext): Record<string, AgentTool> {
  const within = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(RUN_MS)]);
  return {
    list_project: tool({
      name: 'list_project',
      description: 'Lists the agents, workflows, tools and apps of the project that are live.',
      input: z.object({}),
      execute: async (_input, signal) => {
        const kinds = ['agents', 'workflows', 'tools'] as const;
        const lists = await Promise.all(
          kinds.map(async (kind) => summarize(await server.get(`/${kind}`, within(signal)))),
        );
        const [agents, workflows, tools] = lists;
        return { agents, workflows, tools, apps: await listApps(projectDir) };
      },
    }),
    run_agent: tool({
      name: 'run_agent',
      description: 'Sends a message to an agent of the project that is live, and gives back what it answered.',
      input: z.object({ agentId: id, message: z.string().check(z.minLength(1), z.maxLength(20_000)) }),
      execute: async ({ agentId, message }, signal) => {
        const messages = [{ role: 'user', content: message }];
        const answer = await server.post(`/agents/${agentId}/generate`, { messages }, within(signal));
        const { text, toolCalls, toolResults, traceId, error } = generated.parse(answer);
        return { text, toolCalls: toolCalls?.slice(0, 20), toolResults: toolResults?.slice(0, 20), traceId, error };
      },
    }),
    run_workflow: tool({
      name: 'run_workflow',
      description: 'Runs a workflow of the project that is live with this input, and gives back its result.',
      input: z.object({ workflowId: id, input: z._default(z.unknown(), {}) }),
      execute: async ({ workflowId, input }, signal) => {
        const body = { inputData: input };
        const answer = await server.post(`/workflows/${workflowId}/start-async`, body, within(signal));
        const { status, result, error, steps = {}, traceId } = workflowResult.parse(answer);
        const failed = Object.entries(steps).filter(([, step]) => step.status === 'failed');
        return { status, result, error, failedSteps: Object.fromEntries(failed), traceId };
      },
    }),
    get_trace: tool({
      name: 'get_trace',
      description: 'Shows a trace of a run by its id, or the newest traces when none is given.',
      input: z.object({ traceId: z.optional(id) }),
      execute: async ({ traceId }, signal) => {
        if (traceId !== undefined) {
          const trace = spans.parse(await server.get(`/observability/traces/${traceId}`, within(signal)));
          return { traceId, spans: trace.spans.slice(0, 100).map(summarizeSpan) };
        }
        const newest = traces.parse(await server.get('/observability/traces?perPage=20', within(signal)));
        return { traces: (newest.spans ?? []).map(summarizeSpan) };
      },
    }),
  };
}

function summarize(list: unknown): { id: string; name?: string; description?: string }[] {
  return Object.entries(listing.parse(list))
    .slice(0, 200)
    .map(([key, { id: own, name, description }]) => ({
      id: own ?? key,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description: description.slice(0, 200) }),
    }));
}

const SPAN_FIELDS = [
  'traceId',
  'spanId',
  'parentSpanId',
  'name',
  'spanType',
  'startedAt',
  'endedAt',
  'input',
  'output',
  'error',
  'errorInfo',
];
const MAX_FIELD = 2000;

/** A span's fields that tell something, each cut to what can be read. */
function summarizeSpan(span: Record<string, unknown>): Record<string, unknown> {
  const kept = SPAN_FIELDS.filter((name) => span[name] !== undefined && span[name] !== null);
  return Object.fromEntries(
    kept.map((name) => {
      const text = typeof span[name] === 'string' ? span[name] : JSON.stringify(span[name]);
      return [name, text.length > MAX_FIELD ? `${text.slice(0, MAX_FIELD)}…` : span[name]];
    }),
  );
}

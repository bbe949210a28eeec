import { z } from 'zod';
import { parseWith } from '../errors.ts';
import { jsonSchemaSchema } from '../json-schema.ts';
import { createTranscript } from '../transcript.ts';
import type { Prompt, ToolChoice } from '../turn.ts';

const part = z.object({
  text: z.string().optional(),
  /** Marks a summary of the model's thoughts. */
  thought: z.boolean().optional(),
  functionCall: z.object({ id: z.string().optional(), name: z.string(), args: z.unknown().optional() }).optional(),
  functionResponse: z
    .object({ id: z.string().optional(), name: z.string(), response: z.unknown().optional() })
    .optional(),
});
const content = z.object({ role: z.enum(['user', 'model', 'function', 'system']).optional(), parts: z.array(part) });

const generate = z.object({
  contents: z.array(content).min(1, 'contents is not specified'),
  systemInstruction: z.object({ parts: z.array(part) }).nullish(),
  tools: z
    .array(
      z.object({
        functionDeclarations: z
          .array(
            z.object({
              name: z.string().min(1),
              description: z.string().optional(),
              parameters: jsonSchemaSchema.nullish(),
              parametersJsonSchema: jsonSchemaSchema.nullish(),
            }),
          )
          .optional(),
      }),
    )
    .nullish(),
  toolConfig: z
    .object({
      functionCallingConfig: z
        .object({ mode: z.string().optional(), allowedFunctionNames: z.array(z.string()).optional() })
        .optional(),
    })
    .nullish(),
  generationConfig: z
    .object({
      maxOutputTokens: z.number().int().min(1).nullish(),
      responseMimeType: z.string().nullish(),
      responseSchema: jsonSchemaSchema.nullish(),
      responseJsonSchema: jsonSchemaSchema.nullish(),
    })
    .nullish(),
});
type GenerateRequest = z.infer<typeof generate>;
const count = z.union([z.object({ generateContentRequest: generate }), generate]);

/** @throws DemoModelError in a body that the Gemini API would refuse too */
export function readGenerate(body: unknown, model: string): Prompt {
  return toPrompt(parseWith(generate, body), model);
}

/** Counting takes contents alone or a whole request. */
export function readCount(body: unknown, model: string): Prompt {
  const request = parseWith(count, body);
  return toPrompt('generateContentRequest' in request ? request.generateContentRequest : request, model);
}

function toPrompt(request: GenerateRequest, model: string): Prompt {
  const transcript = createTranscript();
  for (const { role, parts } of request.contents) {
    const asked: string[] = [];
    for (const { text, thought, functionCall, functionResponse } of parts) {
      if (functionCall) {
        const { id, name, args } = functionCall;
        transcript.call({ id: id ?? name, name, arguments: JSON.stringify(args ?? {}) });
      } else if (functionResponse) {
        const { id, name, response } = functionResponse;
        transcript.result({ callId: id ?? name, name, ...readResponse(response) });
      } else if (text === undefined || thought) continue;
      else if (role === 'model') transcript.assistantText(text);
      else asked.push(text);
    }
    if (asked.length > 0) transcript.user(asked.join('\n'));
  }
  const config = request.generationConfig;
  const json = config?.responseMimeType === 'application/json';
  return {
    model,
    instructions: (request.systemInstruction?.parts ?? []).map(({ text }) => text ?? '').join('\n'),
    messages: transcript.messages(),
    tools: (request.tools ?? [])
      .flatMap((tool) => tool.functionDeclarations ?? [])
      .map(({ name, description, parameters, parametersJsonSchema }) => ({
        name,
        description: description ?? '',
        parameters: parametersJsonSchema ?? parameters ?? {},
      })),
    toolChoice: toolChoice(request),
    outputSchema: json ? (config.responseJsonSchema ?? config.responseSchema ?? {}) : null,
    maxTokens: config?.maxOutputTokens ?? null,
  };
}

/** A function's response is an object; by convention its `error`, else its `output` or `content`, is what counts. */
function readResponse(response: unknown): { content: string; failed: boolean } {
  const fields = z.looseObject({}).safeParse(response).data ?? {};
  const failed = fields['error'] !== undefined;
  const told = fields['error'] ?? fields['output'] ?? fields['content'] ?? response ?? '';
  return { content: typeof told === 'string' ? told : JSON.stringify(told), failed };
}

function toolChoice(request: GenerateRequest): ToolChoice {
  const { mode, allowedFunctionNames } = request.toolConfig?.functionCallingConfig ?? {};
  if (mode?.toUpperCase() === 'NONE') return 'none';
  if (mode?.toUpperCase() !== 'ANY') return 'auto';
  const only = allowedFunctionNames?.length === 1 ? allowedFunctionNames[0] : undefined;
  return only === undefined ? 'required' : { name: only };
}

/** Requests and streams as SDKs and providers write them, for mutations. */
export const REQUESTS: readonly [path: string, body: string][] = [
  [
    '/openai/v1/chat/completions',
    '{"model":"gpt-5-mini","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":5}',
  ],
  ['/openai/v1/chat/completions', '{"stream":true,"stream_options":{"include_usage":false},"model":"m","n":2}'],
  [
    '/openai/v1/responses',
    '{"model":"gpt-5","input":[{"type":"message","role":"user","content":[{"type":"input_file","file_id":"file-1"}]}],"previous_response_id":"resp_1"}',
  ],
  ['/openai/v1/embeddings', '{"model":"text-embedding-3-small","input":["a","b"]}'],
  ['/openai/v1/images/generations', '{"model":"gpt-image-1","prompt":"x","n":2}'],
  [
    '/anthropic/v1/messages',
    '{"model":"claude-sonnet-5","max_tokens":10,"messages":[{"role":"user","content":"h\\u00e9"}],"container":null}',
  ],
  [
    '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    '{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":9}}',
  ],
  ['/composio/api/v3/tools/execute/X', '{"arguments":{"a":1},"user_id":"u"}'],
  ['/openai/v1/models', ''],
  ['/openai/v1/files', '{}'],
];

export const STREAMS: readonly string[] = [
  'data: {"choices":[{"delta":{"content":"a"}}],"usage":null}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\ndata: [DONE]\n\n',
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3,"output_tokens":1}}}\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":7}}\n\n',
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_1","output":[],"usage":{"input_tokens":1,"output_tokens":2}}}\n\n',
  'data: {"candidates":[],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}\r\n\r\n',
  '{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  '[{"usageMetadata":{"promptTokenCount":3}}]',
];

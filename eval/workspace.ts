/** The workspace that a task is done in, as its person and as the harness reach it. */
export type Workspace = {
  /** The project's server and the chat API, as from the person's browser: `/health`, `/api/agents`, `/__shmastra/v1/info`. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** A shell command in the project's folder. */
  run(command: string): Promise<{ exitCode: number; output: string }>;
  /** Paths are relative to the project's folder. */
  read(path: string): Promise<string | undefined>;
  write(path: string, content: string): Promise<void>;
};

/** Where workspaces come from. */
export type Place = {
  /** For the report: what it is that ran. */
  name: string;
  /** A workspace in which nothing is left of the task before. */
  fresh(): Promise<Workspace>;
  close(): Promise<void>;
};

export async function callJson(workspace: Workspace, path: string, init?: RequestInit): Promise<unknown> {
  return jsonOf(await workspace.call(path, init), path);
}

/** @throws what was answered, when that is no success or no JSON */
export async function jsonOf(response: Response, path: string): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${text.slice(0, 300)}`);
  try {
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    return value;
  } catch {
    throw new Error(`${path} answers no JSON: ${text.slice(0, 300)}`);
  }
}

export const posting = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

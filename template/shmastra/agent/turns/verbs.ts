const VERBS: Record<string, string> = {
  read_file: 'Reading',
  list_files: 'Looking around',
  search_files: 'Searching',
  write_file: 'Writing',
  edit_file: 'Editing',
  delete_file: 'Deleting',
  run_command: 'Running a command',
  update_plan: 'Planning',
  apply_changes: 'Checking',
  ask_user: 'Waiting for you',
  ask_env_vars: 'Waiting for you',
  list_project: 'Looking around',
  run_agent: 'Trying it out',
  run_workflow: 'Trying it out',
  get_trace: 'Reading a trace',
  search_mcp_servers: 'Searching',
  list_composio_toolkits: 'Searching',
  read_document: 'Reading',
  read_skill: 'Reading up',
  undo: 'Undoing',
};

/** What the agent is doing when it uses a tool, in a word or three. */
export const verbOf = (tool: string): string => VERBS[tool] ?? 'Working';

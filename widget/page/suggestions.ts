export type Suggestion = { title: string; prompt: string };

const GENERAL: Suggestion[] = [
  { title: 'Create an agent', prompt: 'Create an agent that says hello and answers in one sentence.' },
  { title: 'Add a tool', prompt: 'Add a tool that gives the weather of a city, and an agent that uses it.' },
  { title: 'Chain a workflow', prompt: 'Make a workflow that summarises a text, then translates the summary.' },
  { title: 'Build a web app', prompt: 'Build a small web app to talk to one of my agents.' },
];

const BY_PAGE: Record<string, Suggestion[]> = {
  agents: [
    { title: 'Create an agent', prompt: 'Create an agent that says hello and answers in one sentence.' },
    { title: 'Give an agent memory', prompt: 'Let my agent remember what people told it in earlier conversations.' },
    { title: 'Improve instructions', prompt: "Look at my agents' instructions and propose what to improve." },
    { title: 'Test an agent', prompt: 'Run my agent with three typical questions and tell me how it did.' },
  ],
  workflows: [
    { title: 'Chain a workflow', prompt: 'Make a workflow that summarises a text, then translates the summary.' },
    { title: 'Ask a person midway', prompt: 'Add a step to my workflow that waits for a person to approve.' },
    {
      title: 'Run steps in parallel',
      prompt: 'Make a workflow that asks two agents at once and merges their answers.',
    },
    { title: 'Test a workflow', prompt: 'Run my workflow with an example and show me what each step gave.' },
  ],
  tools: [
    { title: 'Add a tool', prompt: 'Add a tool that gives the weather of a city.' },
    { title: 'Call an API', prompt: 'Make a tool that calls an HTTP API. Ask me which one, and for its key.' },
    { title: 'Give a tool to an agent', prompt: 'Give my newest tool to an agent and test that it uses it.' },
    { title: 'Handle errors', prompt: 'Make my tools answer clearly when what they call fails.' },
  ],
  mcps: [
    {
      title: 'Find an MCP server',
      prompt: 'Find an MCP server for the service I name, and add its tools to an agent.',
    },
    { title: 'Serve my tools', prompt: 'Offer my tools as an MCP server.' },
    { title: 'Check a connection', prompt: 'Check that my MCP servers answer, and list their tools.' },
    { title: 'Add keys', prompt: 'Which keys do my MCP servers need? Ask me for those that are missing.' },
  ],
  observability: [
    { title: 'Explain the last run', prompt: 'Look at the newest trace and explain what happened, step by step.' },
    {
      title: 'Find what is slow',
      prompt: 'Look at recent traces: what takes the most time, and how to make it faster?',
    },
    { title: 'Find failures', prompt: 'Look for failed runs in the traces and propose fixes.' },
    { title: 'Cut the cost', prompt: 'Look at recent traces: where do the tokens go, and what could be saved?' },
  ],
  scorers: [
    { title: 'Score answers', prompt: 'Add a scorer that checks whether answers are to the point.' },
    { title: 'Compare models', prompt: 'Compare two models on three questions for my agent.' },
    { title: 'Test an agent', prompt: 'Run my agent with three typical questions and tell me how it did.' },
    { title: 'Improve instructions', prompt: "Look at my agents' instructions and propose what to improve." },
  ],
};

const ALIASES: Record<string, string> = {
  networks: 'agents',
  mcp: 'mcps',
  traces: 'observability',
  logs: 'observability',
  metrics: 'observability',
  evals: 'scorers',
  evaluation: 'scorers',
  experiments: 'scorers',
  datasets: 'scorers',
};

/** Four things to ask for on a page of Studio. @param path of the page, such as `/studio/agents/hello/threads/new` */
export function suggestionsFor(path: string): Suggestion[] {
  const area = path.split('/').filter(Boolean)[1] ?? '';
  return BY_PAGE[ALIASES[area] ?? area] ?? GENERAL;
}

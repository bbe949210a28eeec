import type { Script } from '../script.ts';

const NAMED_TOOLS = 12;

/** "What can you do?": the truth about the demo, with the tools of the agent. */
export const abilities: Script = {
  name: 'abilities',
  when: /\b(what (can|do) you do|who are you|what are you|how can you help|what tools)\b|^\W*help\W*$/i,
  steps: [
    {
      say: ({ tools }) => {
        const names = tools.slice(0, NAMED_TOOLS).map((tool) => tool.name);
        const offer =
          names.length === 0
            ? 'This agent offers no tools.'
            : `I call the tools of this agent when a question names what they do: ${names.join(', ')}.`;
        return `I stand in until a provider key is set, with scripted answers. ${offer} Ask me to count to 100 to see a long answer stream.`;
      },
    },
  ],
};

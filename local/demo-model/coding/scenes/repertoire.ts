import type { Script } from '../../script.ts';

/** Whatever else the coding agent is asked: says what can be tried without a key. */
export const repertoire: Script = {
  name: 'repertoire',
  when: () => true,
  steps: [
    {
      say: [
        'scripted answers, for which nobody thought about your message. Add a provider key to have anything built. These I can play:',
        '- “Create an agent that says hello”, then “Make it say goodbye too”',
        '- “Add a tool that rolls dice”, or “… with a mistake” to see the check catch it',
        '- “Chain a workflow that reverses a text and makes it upper case”',
        '- “Build an app that talks to the assistant”',
        '- “Ask me which language to use, then create an agent that greets people”',
        '- “Connect Acme, it needs a key”',
        '- “Undo that”',
      ].join('\n'),
    },
  ],
};

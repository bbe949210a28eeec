import type { Script } from '../script.ts';

const MOST = 3000;

/** "Count to 200": a long answer, to see how streaming and stopping look. */
export const count: Script = {
  name: 'count',
  when: /\bcount\b.*\bto \d+/i,
  steps: [
    {
      say: ({ question }) => {
        const last = Math.min(MOST, Number(/\bto (\d+)/i.exec(question)?.[1] ?? 10));
        return Array.from({ length: last }, (_, index) => index + 1).join(' ');
      },
    },
  ],
};

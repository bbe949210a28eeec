import { committed, healthy, live, typesFit } from '../checks/project.ts';
import { workflowReturns } from '../checks/workflows.ts';
import type { Task } from '../task.ts';
import { replaceIn } from './sabotage.ts';

const kept = [healthy, committed, live, typesFit];

export const workflowTasks: readonly Task[] = [
  {
    name: 'chain-workflow',
    demo: true,
    turns: [
      {
        say: 'Chain a workflow called shout-back that reverses a text and then makes it upper case. Input and output are { text: string }.',
      },
    ],
    checks: [workflowReturns('shout-back', { text: 'abc' }, { text: 'CBA' }), ...kept],
    sabotage: {
      how: replaceIn('src/mastra/workflows/shout-back.ts', /toUpperCase/, 'toLowerCase'),
      caughtBy: 'workflow shout-back returns {"text":"CBA"} for {"text":"abc"}',
    },
  },
  {
    name: 'workflow-order',
    demo: true,
    turns: [
      {
        say: 'Chain a workflow called finish that ends a text with an exclamation mark and then reverses it. Input and output are { text: string }.',
      },
    ],
    checks: [workflowReturns('finish', { text: 'abc' }, { text: '!cba' }), ...kept],
  },
  {
    name: 'workflow-branch',
    demo: false,
    turns: [
      {
        say: 'Write a workflow with the id grade. Input { points: number }. A branch sets the output { grade: "pass" } from 50 points on and { grade: "fail" } below.',
      },
    ],
    checks: [
      workflowReturns('grade', { points: 50 }, { grade: 'pass' }),
      workflowReturns('grade', { points: 49 }, { grade: 'fail' }),
      ...kept,
    ],
  },
  {
    name: 'workflow-parallel',
    demo: false,
    turns: [
      {
        say: 'Write a workflow with the id statistics. Input { numbers: number[] }. Two steps that run in parallel compute sum and maximum; the output is { sum: number, maximum: number }.',
      },
    ],
    checks: [workflowReturns('statistics', { numbers: [3, 9, -2] }, { sum: 10, maximum: 9 }), ...kept],
  },
];

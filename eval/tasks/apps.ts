import { appCallsWork, appIsListed, appIsServed } from '../checks/apps.ts';
import { committed, healthy } from '../checks/project.ts';
import type { Task } from '../task.ts';
import { replaceIn } from './sabotage.ts';

const page = 'src/mastra/public/apps/front-desk/index.html';

export const appTasks: readonly Task[] = [
  {
    name: 'build-app',
    demo: true,
    turns: [{ say: 'Build an app called front-desk that talks to the agent assistant.' }],
    checks: [appIsListed('front-desk'), appIsServed('front-desk'), appCallsWork('front-desk'), healthy, committed],
    sabotage: {
      how: async (workspace) =>
        workspace.write(page, ((await workspace.read(page)) ?? '').replace('/assistant/', '/nobody/')),
      caughtBy: 'what app front-desk calls answers',
    },
  },
  {
    name: 'app-for-new-agent',
    demo: true,
    turns: [
      { say: 'Create an agent called poet that writes short poems.' },
      { say: 'Build an app called poetry which talks to the agent poet.' },
    ],
    checks: [appIsListed('poetry'), appIsServed('poetry'), appCallsWork('poetry'), healthy, committed],
    sabotage: {
      how: replaceIn('src/mastra/agents/index.ts', /, poet\b/, ''),
      caughtBy: 'what app poetry calls answers',
    },
  },
];

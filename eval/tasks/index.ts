import type { Task } from '../task.ts';
import { agentTasks } from './agents.ts';
import { appTasks } from './apps.ts';
import { historyTasks } from './history.ts';
import { questionTasks } from './questions.ts';
import { repairTasks } from './repair.ts';
import { safetyTasks } from './safety.ts';
import { toolTasks } from './tools.ts';
import { workflowTasks } from './workflows.ts';

export const TASKS: readonly Task[] = [
  ...agentTasks,
  ...toolTasks,
  ...workflowTasks,
  ...appTasks,
  ...repairTasks,
  ...questionTasks,
  ...safetyTasks,
  ...historyTasks,
];

import { ProjectFiles } from '../project/project-files.ts';
import type { ProjectServer } from '../project/project-server.ts';
import type { ProjectControl } from '../../runner/project-control.ts';
import type { AttachmentStore } from '../documents/attachment-store.ts';
import { withAttachments } from '../attachments/attachments-for-model.ts';
import { codingAgent } from '../coding-agent.ts';
import type { History } from '../history/history.ts';
import { instructionsFor } from '../instructions.ts';
import type { Models } from '../models/model-offer.ts';
import { historyForModel } from '../sessions/history-for-model.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { AgentSettings } from '../settings.ts';
import type { SkillLibrary } from '../skills/skill-library.ts';
import type { ToolContext } from '../tools/context.ts';
import type { Redactor } from '../tools/redactor.ts';
import { ToolError, toolFactory } from '../tools/tool.ts';
import { turnTools } from '../tools/turn-tools.ts';
import { commitTurn } from './commit-turn.ts';
import { holdProject } from './hold-project.ts';
import type { TurnWork } from './run-turn.ts';
import type { Outcome, Turn } from './turn.ts';
import type { TurnRequest } from './turns.ts';

export type TurnParts = {
  settings: AgentSettings;
  sessions: SessionStore;
  attachments: AttachmentStore;
  models: Models;
  history: History;
  control: ProjectControl;
  server: ProjectServer;
  skills: SkillLibrary;
  redactor: Redactor;
  environment: () => Record<string, string>;
  onCommit: () => void;
};

const MERGING =
  'The git repository is in the middle of a merge. Nothing can be changed until it is finished or given up: see `git status`.';

/** Brings together what a turn works with. What the person has changed by hand becomes a commit of theirs first. */
export async function prepareTurn(
  parts: TurnParts,
  turn: Turn,
  request: TurnRequest,
  models: string[],
): Promise<TurnWork> {
  const { settings, sessions, attachments, history, control, skills, redactor, onCommit } = parts;
  const merging = (await history.state()) === 'merging';
  if (merging) {
    turn.notice({
      kind: 'error',
      message: 'The project is in the middle of a merge, so the agent can look but not change anything.',
      next: 'Finish the merge or give it up (git merge --abort), then ask again.',
    });
  } else if ((await history.commitAll({ message: 'Edits by hand', kind: 'edits', by: 'you' })) !== null) {
    onCommit();
  }
  const release = holdProject(control);
  let prepared = false;
  const context: ToolContext = {
    ...parts,
    tool: toolFactory(redactor, turn),
    turn,
    projectDir: settings.projectDir,
    files: new ProjectFiles(settings.projectDir),
    beforeChange: async () => {
      if (merging && (await history.state()) === 'merging') throw new ToolError(MERGING);
      if (!prepared) control.prepare();
      prepared = true;
    },
  };
  const offer = await parts.models.offer();
  const date = new Date().toISOString().slice(0, 10);
  return {
    agent: codingAgent({
      models,
      instructions: instructionsFor({ skills: await skills.list(), page: request.page, date, merging }),
      tools: turnTools(context, { skills, attachments, composio: offer.composio }),
    }),
    messages: historyForModel(await withAttachments(await sessions.messages(turn.record.sessionId), attachments)),
    limits: settings.limits,
    prices: offer.prices,
    settle: async (outcome) => {
      try {
        await turn.settled();
        await keepRest(parts, turn, outcome);
      } finally {
        release();
      }
    },
  };
}

const LEFT: Record<Outcome, string> = {
  done: 'Edits of the agent that were not checked',
  stopped: 'Edits of the agent, which was stopped',
  failed: 'Edits of the agent, which could not go on',
};

/** Commits what the agent has changed and not applied. It goes live when the project is released, if it works. */
export async function keepRest(
  parts: Pick<TurnParts, 'history' | 'control' | 'settings' | 'onCommit'>,
  turn: Turn,
  outcome: Outcome,
): Promise<void> {
  const { history, control, settings, onCommit } = parts;
  if ((await history.state()) !== 'changed') return;
  const { projectDir } = settings;
  await commitTurn(
    { turn, history, control, projectDir, onCommit },
    { message: LEFT[outcome], kind: 'edits', live: false },
  );
}

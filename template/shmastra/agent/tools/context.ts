import type { ProjectControl } from '../../runner/project-control.ts';
import type { History } from '../history/history.ts';
import type { ProjectFiles } from '../project/project-files.ts';
import type { ProjectServer } from '../project/project-server.ts';
import type { Turn } from '../turns/turn.ts';
import type { toolFactory } from './tool.ts';

/** What the tools of a turn work with. */
export type ToolContext = {
  tool: ReturnType<typeof toolFactory>;
  turn: Turn;
  projectDir: string;
  files: ProjectFiles;
  control: ProjectControl;
  history: History;
  server: ProjectServer;
  /** The sandbox's environment, as it is now. */
  environment: () => Record<string, string>;
  /** Has to be called before a file changes. Throws when the project must not be changed now. */
  beforeChange: () => Promise<void>;
  /** Files have changed by a commit. */
  onCommit: () => void;
};

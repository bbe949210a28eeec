import type { Script } from '../script.ts';
import { forCodingAgent } from './offered.ts';
import { addTool } from './scenes/add-tool.ts';
import { ask } from './scenes/ask.ts';
import { buildApp } from './scenes/build-app.ts';
import { chainWorkflow } from './scenes/chain-workflow.ts';
import { changeAgent } from './scenes/change-agent.ts';
import { connect } from './scenes/connect.ts';
import { createAgent } from './scenes/create-agent.ts';
import { fixImport } from './scenes/fix-import.ts';
import { showFile } from './scenes/show-file.ts';
import { summarizeDocument } from './scenes/summarize-document.ts';
import { repertoire } from './scenes/repertoire.ts';
import { tryAgent } from './scenes/try-agent.ts';
import { undo } from './scenes/undo.ts';

/** What the demo model plays when a workspace's coding agent calls it, in the order in which they are tried. */
export const CODING_SCENES: readonly Script[] = [
  connect,
  ask,
  undo,
  addTool,
  buildApp,
  chainWorkflow,
  summarizeDocument,
  showFile,
  fixImport,
  createAgent,
  changeAgent,
  tryAgent,
].map(forCodingAgent);

/** For what no scene is about. */
export const REPERTOIRE: Script = forCodingAgent(repertoire);

import type { Scene, Script } from '../script.ts';

/** The tool that only Shmastra's coding agent has. */
const ITS_TOOL = 'apply_changes';

/** Whether the caller is the coding agent of a workspace, for which the scenes of this folder are. */
export const isCodingAgent = ({ tools }: Pick<Scene, 'tools'>): boolean => tools.some(({ name }) => name === ITS_TOOL);

export const forCodingAgent = (script: Script): Script => ({
  ...script,
  when: (scene) => isCodingAgent(scene) && fits(script, scene),
});

/** A coding agent's tools write files and run commands: they are called only as a scene says. */
export const forOthers = (script: Script): Script => ({
  ...script,
  when: (scene) => !isCodingAgent(scene) && fits(script, scene),
});

const fits = ({ when }: Script, scene: Scene): boolean =>
  when instanceof RegExp ? when.test(scene.question) : when(scene);

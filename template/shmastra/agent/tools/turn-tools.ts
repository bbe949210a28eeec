import type { AttachmentStore } from '../documents/attachment-store.ts';
import type { SkillLibrary } from '../skills/skill-library.ts';
import { applyTools } from './apply-tool.ts';
import { commandTool } from './command-tool.ts';
import { composioTool } from './composio-tool.ts';
import type { ToolContext } from './context.ts';
import { documentTool } from './document-tool.ts';
import { fileTools } from './file-tools.ts';
import { mcpTool } from './mcp-tool.ts';
import { personTools } from './person-tools.ts';
import { projectTools } from './project-tools.ts';
import { skillTool } from './skill-tool.ts';
import type { AgentTool } from './tool.ts';

/** All tools of a turn. */
export function turnTools(
  context: ToolContext,
  { skills, attachments, composio }: { skills: SkillLibrary; attachments: AttachmentStore; composio: boolean },
): Record<string, AgentTool> {
  return {
    ...fileTools(context),
    ...commandTool(context),
    ...personTools(context),
    ...applyTools(context),
    ...projectTools(context),
    ...mcpTool(context),
    ...skillTool(context, skills),
    ...documentTool(context, attachments),
    ...(composio ? composioTool(context) : {}),
  };
}

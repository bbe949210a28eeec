import { currentTime } from './current-time';

/** Every tool that Studio and the API should know. Agents import the ones they use. */
export const tools = { currentTime };

import { summarize } from './summarize';

/** Every workflow that Studio and the API should know. */
export const workflows = { summarize };

import { assistant } from './assistant';

/** Every agent that Studio and the API should know. */
export const agents = { assistant };

import type { Script } from '../script.ts';
import { abilities } from './abilities.ts';
import { count } from './count.ts';
import { fallback } from './fallback.ts';
import { greeting } from './greeting.ts';
import { namedTool } from './named-tool.ts';
import { summarize } from './summarize.ts';
import { time } from './time.ts';
import { weather } from './weather.ts';

/** In the order in which they are tried. */
export const SCRIPTS: readonly Script[] = [summarize, time, weather, namedTool, count, greeting, abilities, fallback];

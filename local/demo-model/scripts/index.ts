import { CODING_SCENES, REPERTOIRE } from '../coding/index.ts';
import { forOthers } from '../coding/offered.ts';
import type { Script } from '../script.ts';
import { abilities } from './abilities.ts';
import { count } from './count.ts';
import { fallback } from './fallback.ts';
import { greeting } from './greeting.ts';
import { namedTool } from './named-tool.ts';
import { persona } from './persona.ts';
import { summarize } from './summarize.ts';
import { time } from './time.ts';
import { weather } from './weather.ts';

/** In the order in which they are tried. */
export const SCRIPTS: readonly Script[] = [
  ...CODING_SCENES,
  summarize,
  forOthers(time),
  forOthers(weather),
  forOthers(namedTool),
  count,
  forOthers(persona),
  greeting,
  REPERTOIRE,
  abilities,
  fallback,
];

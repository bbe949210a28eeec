import { expect, it } from 'vitest';
import { stepLine } from './step-line.ts';

const titles = ['install Debian packages', 'install the project’s packages'];

it.each([
  ['[builder 2/2] RUN cd /home/user/shmastra && pnpm install user', 'step 2 of 2: install the project’s packages'],
  ['CACHED [builder 1/2] RUN apt-get install git root', 'step 1 of 2: install Debian packages (done before)'],
  ['[builder 2/2] [stdout]: added 1 package', '[builder 2/2] [stdout]: added 1 package'],
  ['[builder 2/3] RUN one more', '[builder 2/3] RUN one more'],
  ['[base] FROM node:24', '[base] FROM node:24'],
])('says what the steps of a build are for: %s', (line, said) => {
  expect(stepLine(line, titles)).toBe(said);
});

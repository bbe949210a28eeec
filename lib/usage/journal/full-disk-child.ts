/**
 * Writes to a journal until the disk takes no more, for the test of it: `node full-disk-child.ts <folder>` under a limit on
 * the size of files. Prints how many calls have begun, then how many were refused.
 */
import { createLog } from '../../log.ts';
import { createDiskJournal } from './disk.ts';
import { aStartedCall } from './testing-journal.ts';

const journal = createDiskJournal({ folder: process.argv[2] ?? '', instance: 'one', log: createLog('test', 'silent') });
const results: PromiseSettledResult<void>[] = [];
for (let round = 0; round < 10; round += 1) {
  results.push(...(await Promise.allSettled(Array.from({ length: 7 }, () => journal.began(aStartedCall())))));
}
const begun = results.filter(({ status }) => status === 'fulfilled').length;
process.stdout.write(`${begun} ${results.length - begun}`);

// `npm run doctor`: looks at the machine and the settings and says, for each finding, what, why it matters and the fix.
// Needs nothing installed. Ends with 1 only when `npm start` would fail. `--json` prints the findings as one line.
import { dataDirectory, readEnvironment } from './bootstrap/environment.mjs';
import { describe } from './bootstrap/failure.mjs';
import { root } from './bootstrap/node.mjs';
import { isRoot } from './bootstrap/platform.mjs';
import { cgroups, features, inotify } from './doctor/kernel.mjs';
import { forwarding, nameServers, ports } from './doctor/network.mjs';
import { sandboxIds } from './doctor/owners.mjs';
import { connectionCounts } from './doctor/packet-filter.mjs';
import { disk, memory, openFiles } from './doctor/resources.mjs';
import { settings } from './doctor/settings.mjs';
import { imagePackages, packages, platform, registry, rights } from './doctor/software.mjs';

const CHECKS = [
  ...[platform, rights, packages, imagePackages, registry, features, cgroups, inotify, sandboxIds],
  ...[connectionCounts, forwarding, nameServers, ports, disk, memory, openFiles, settings],
];
const MARKS = { ok: '✓', warn: '!', fail: '✗' };

async function examine() {
  const env = readEnvironment(root);
  const machine = { root, env, dataDir: dataDirectory(root, env), isRoot: isRoot() };
  return (await Promise.all(CHECKS.map((check) => check(machine)))).flat();
}

try {
  const findings = await examine();
  const failed = findings.filter(({ level }) => level === 'fail').length;
  const warned = findings.filter(({ level }) => level === 'warn').length;
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ ok: failed === 0, findings }));
  } else {
    for (const { level, what, why, fix } of findings) {
      console.log(`${MARKS[level]} ${what}`);
      if (why) console.log(`    Why it matters: ${why}`);
      if (fix) console.log(`    Fix: ${fix}`);
    }
    const verdict = failed ? `npm start would fail: ${failed} to mend` : 'npm start should work';
    console.log(`\n${verdict}${warned ? `, ${warned} to know about` : ''}.`);
  }
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}

import { AppError } from '../errors.ts';
import type { EngineSandbox } from './engine.ts';

const VERIFY_TIMEOUT_MS = 20_000;
const MAX_VERSION = 200;

/** Names what is missing, one a line; the version of the template last. */
const VERIFY = `for tool in node pnpm pm2 git; do command -v "$tool" >/dev/null || echo "missing: the command $tool"; done
for file in shmastra/package.json shmastra/.git shmastra/node_modules .template-version; do
  [ -e "/home/user/$file" ] || echo "missing: ~/$file"
done
[ -x /opt/shmastra/current/start.sh ] || echo 'missing: /opt/shmastra/current/start.sh'
printf 'version: %s\\n' "$(head -n 1 /home/user/.template-version 2>/dev/null)"`;

/** Checks that the sandbox has its tools and files. Returns the version of its template. */
export async function verifySandbox(sandbox: EngineSandbox, signal: AbortSignal): Promise<string> {
  const { exitCode, stdout, stderr } = await sandbox.run(VERIFY, {
    // Not as the user, whose profile would be run: what an agent wrote must stay without sudo.
    user: 'root',
    timeoutMs: VERIFY_TIMEOUT_MS,
    signal,
  });
  const lines = stdout.split('\n');
  const missing = lines.filter((line) => line.startsWith('missing: ')).map((line) => line.slice('missing: '.length));
  const version =
    lines
      .find((line) => line.startsWith('version: '))
      ?.slice('version: '.length)
      .trim() ?? '';
  if (exitCode === 0 && missing.length === 0 && version) return version.slice(0, MAX_VERSION);
  const what =
    missing.length > 0 ? `it lacks ${missing.join(', ')}` : `the check failed (${exitCode}): ${stderr.slice(0, 200)}`;
  throw new AppError('sandbox_incomplete', `The sandbox is not complete: ${what}.`, {
    next: 'An admin rebuilds the template with: npm run template:build',
  });
}

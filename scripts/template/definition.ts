import { Template, type TemplateClass } from 'e2b';
import { z } from 'zod';

/** Node's major version in a sandbox: the oldest that Mastra supports, which is also the leanest. */
const NODE_IMAGE = '22';
const PNPM_VERSION = '12.21.0';
const APT_PACKAGES = ['ca-certificates', 'curl', 'git', 'procps', 'ripgrep', 'sudo', 'util-linux'];
const PROJECT = '/home/user/shmastra';
const VERSION_FILE = '/home/user/.template-version';
const COMPILE_CACHE = '/home/user/.cache/shmastra/compile';

/** What is never part of a template: what a run or an install leaves behind, and tests. */
export const IGNORED = [
  '**/node_modules/**',
  '**/.mastra/**',
  '**/.data/**',
  '**/dist/**',
  '**/*.test.ts',
  '**/*.slow.ts',
  '**/testing/**',
  '**/.DS_Store',
  'template/shmastra/tsconfig.json',
];

/** The runner has loaded all that it can, and waits for a sandbox's environment. */
const READY = `curl -fsS http://127.0.0.1:4111/health | grep -q '"waiting":"environment"'`;

export type TemplateInputs = {
  /** The repository's folder, where the sources are copied from. */
  root: string;
  /** The version in template/shmastra/package.json. */
  version: string;
  /** Identifies what goes into the template. */
  hash: string;
};

/** What a step does, for error messages, and the instructions it adds. */
type Step = [
  title: string,
  apply: (builder: ReturnType<ReturnType<typeof Template>['fromNodeImage']>) => typeof builder,
];

/**
 * The steps from a Node image to a workspace. The slow ones that seldom change come first, since an unchanged beginning
 * is taken from the cache.
 */
function steps({ version, hash }: TemplateInputs): Step[] {
  const runtime = `/opt/shmastra/${version}`;
  const asRoot = { user: 'root' };
  return [
    ['install Debian packages', (to) => to.aptInstall(APT_PACKAGES, { noInstallRecommends: true })],
    ['install pnpm', (to) => to.runCmd(`npm install --global --no-fund --no-audit pnpm@${PNPM_VERSION}`, asRoot)],
    [
      'copy the list of the runner’s packages',
      (to) => to.copy(['template/shmastra/package.json', 'template/shmastra/package-lock.json'], `${runtime}/`, asRoot),
    ],
    [
      'install the runner’s packages',
      (to) => to.runCmd(`cd ${runtime} && npm ci --omit=dev --ignore-scripts --no-fund --no-audit`, asRoot),
    ],
    [
      'copy the list of the project’s packages',
      (to) =>
        to.copy(
          ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((file) => `template/project/${file}`),
          `${PROJECT}/`,
          { user: 'user' },
        ),
    ],
    [
      'install the project’s packages',
      (to) => to.runCmd(`cd ${PROJECT} && pnpm install --frozen-lockfile`, { user: 'user' }),
    ],
    [
      'copy the runner',
      (to) => to.copy('template/shmastra', `${runtime}/`, asRoot).copy('scripts/sandbox', `${runtime}/`, asRoot),
    ],
    ['build the runner', (to) => to.runCmd(buildRuntime(runtime), asRoot)],
    ['copy the project', (to) => to.copy('template/project', `${PROJECT}/`, { user: 'user' })],
    ['make the project a git repository', (to) => to.runCmd(initRepository(), { user: 'user' })],
    [
      'warm up',
      (to) =>
        to.runCmd(`cd ${PROJECT} && NODE_COMPILE_CACHE=${COMPILE_CACHE} node ${runtime}/dist/warm-up.js`, {
          user: 'user',
        }),
    ],
    ['write the template’s version', (to) => to.runCmd(`echo ${hash} > ${VERSION_FILE}`, { user: 'user' })],
  ];
}

function buildRuntime(runtime: string): string[] {
  return [
    `cd ${runtime} && npm run build`,
    // What is built is all that a sandbox needs.
    `cd ${runtime} && rm -rf agent runner healer build.ts warm-up.ts && chmod 0755 start.sh`,
    // Whatever the checkout's permissions: nobody but root changes what root starts. Touches only what is wrong.
    'find /opt/shmastra ! -user root -exec chown -h root:root {} +',
    'find /opt/shmastra ! -type l -perm /022 -exec chmod go-w {} +',
    `install -m 0644 ${runtime}/profile.sh /etc/profile.d/shmastra.sh`,
    `ln -sfn ${runtime} /opt/shmastra/current && ln -sf /opt/shmastra/current/node_modules/.bin/pm2 /usr/local/bin/pm2`,
  ];
}

function initRepository(): string[] {
  return [
    'git config --global init.defaultBranch main',
    'git config --global user.name Workspace && git config --global user.email workspace@localhost',
    `cd ${PROJECT} && git init --quiet && git add --all && git commit --quiet --message "Start with the sample project"`,
  ];
}

/** The template, and for each of the instructions that the engine counts the title of its step. */
export async function defineTemplate(inputs: TemplateInputs): Promise<{ template: TemplateClass; titles: string[] }> {
  let builder = Template({ fileContextPath: inputs.root, fileIgnorePatterns: IGNORED }).fromNodeImage(NODE_IMAGE);
  const titles: string[] = [];
  for (const [title, apply] of steps(inputs)) {
    builder = apply(builder);
    const count = countInstructions(await Template.toJSON(builder, false));
    while (titles.length < count) titles.push(title);
  }
  return { template: builder.setStartCmd('sudo /opt/shmastra/current/start.sh', READY), titles };
}

const countInstructions = (json: string) =>
  z.object({ steps: z.array(z.unknown()) }).parse(JSON.parse(json)).steps.length;

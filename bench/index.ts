// `npm run bench -- <name> [--json]`: runs one of the benchmarks of this folder.
const benchmarks: Record<string, () => Promise<unknown>> = {
  engine: () => import('./engine.ts'),
  gateway: () => import('./gateway.ts'),
  front: () => import('./front.ts'),
  runner: () => import('./runner.ts'),
  'sign-in': () => import('./sign-in.ts'),
};

const name = process.argv[2] ?? '';
const benchmark = benchmarks[name];
if (benchmark) {
  process.argv.splice(2, 1);
  await benchmark();
} else {
  console.error(`Name a benchmark: ${Object.keys(benchmarks).join(', ')}.`);
  process.exitCode = 1;
}

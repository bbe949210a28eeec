import { z } from 'zod';
import { check, type Check, expectThat } from '../task.ts';
import { callJson, posting, type Workspace } from '../workspace.ts';

const appsSchema = z.object({ apps: z.array(z.looseObject({ name: z.string() })) });
const FOLDER = 'src/mastra/public/apps';

export const appIsListed = (name: string): Check =>
  check(`app ${name} is listed`, async ({ workspace }) => {
    const { apps } = appsSchema.parse(await callJson(workspace, '/__shmastra/v1/apps'));
    expectThat(
      apps.some((app) => app.name === name),
      `there are ${apps.map((app) => app.name).join(', ') || 'none'}`,
    );
  });

/** As the project's server gives it to the origin on which a person sees it. */
export const appIsServed = (name: string): Check =>
  check(`app ${name} is served`, async ({ workspace }) => {
    const response = await workspace.call(`/apps/${name}/`);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    expectThat(response.status === 200 && type.startsWith('text/html'), `it answers ${response.status} ${type}`);
    expectThat(/<html|<!doctype/i.test(text), `it is ${text.slice(0, 100)}`);
  });

/** What the page asks is there: its calls, as written in its sources, are answered by the project. */
export const appCallsWork = (name: string): Check =>
  check(`what app ${name} calls answers`, async ({ workspace }) => {
    const paths = new Set((await sourcesOf(workspace, name)).match(/\/api\/(?:agents|workflows)\/[\w-]+\/[\w-]+/g));
    expectThat(paths.size > 0, 'it calls neither an agent nor a workflow');
    const body = { messages: [{ role: 'user', content: 'Hello!' }] };
    for (const path of paths) {
      const { status } = await workspace.call(path, posting(body));
      // A workflow's own input is not known here: that it is missing is no fault of the page.
      expectThat(status === 200 || (path.includes('/workflows/') && status === 400), `${path} answers ${status}`);
    }
  });

async function sourcesOf(workspace: Workspace, name: string): Promise<string> {
  const { output } = await workspace.run(`cat ${FOLDER}/${name}/* 2>/dev/null`);
  return output;
}

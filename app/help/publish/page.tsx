import type { Metadata } from 'next';
import type { ReactNode } from 'react';

import { Shell } from '../../../components/ui/shell.tsx';
import { requireViewer } from '../../_server/viewer.ts';

export const metadata: Metadata = { title: 'Publish a project' };

const TRY = `npm install
cp .env.example .env
npx mastra dev`;

const SERVER = `npx mastra build
npx mastra start`;

const CONTAINER = `FROM node:22-slim
WORKDIR /app
COPY . .
RUN npm install && npx mastra build && install -d -o node /data
ENV MASTRA_DATA_DIR=/data
VOLUME /data
USER node
CMD ["node", ".mastra/output/index.mjs"]`;

export default async function Publish() {
  const viewer = await requireViewer('/help/publish');
  return (
    <Shell width="column" viewer={{ email: viewer.email, role: viewer.role }}>
      <article className="space-y-8">
        <div className="space-y-2">
          <h1 className="text-title font-semibold">Publish a project</h1>
          <p className="text-muted">
            A workspace is for building. What you have built is a plain Mastra project that runs on its own: export it,
            try it on your machine, then put it where others can use it.
          </p>
        </div>
        <Part title="Export it">
          <p>
            In the chat’s menu choose Export. ZIP holds the files as they are now, a git bundle also their history (
            <Code>git clone project.bundle</Code>). Values of <Code>.env</Code> stay behind; the names are in{' '}
            <Code>.env.example</Code>. If a file has such a value in it, the export stops and says which file.
          </p>
        </Part>
        <Part title="Try it on your machine">
          <p>You need Node 22.13 or newer. In the unpacked folder:</p>
          <Commands>{TRY}</Commands>
          <p>
            Fill in <Code>.env</Code> before the last line: out here models are called with a provider’s key of your
            own, such as <Code>OPENAI_API_KEY</Code>. Studio is on <Code>http://localhost:4111</Code>, web apps are at{' '}
            <Code>/apps/&lt;name&gt;/</Code>.
          </p>
        </Part>
        <Part title="Where to publish it">
          <h3 className="font-medium text-text">A server of your own</h3>
          <p>Any machine with Node, behind a proxy that speaks TLS. Data stays in a folder on its disk.</p>
          <Commands>{SERVER}</Commands>
          <h3 className="font-medium text-text">A container</h3>
          <p>
            For any host that runs containers. Keep <Code>/data</Code> on a volume, or conversations and traces are gone
            with each new version. Add <Code>node_modules</Code>, <Code>.mastra</Code>, <Code>.data</Code> and{' '}
            <Code>.env</Code> to <Code>.dockerignore</Code>.
          </p>
          <Commands>{CONTAINER}</Commands>
          <h3 className="font-medium text-text">Vercel, Netlify or Cloudflare</h3>
          <p>
            Add Mastra’s deployer for the platform, such as <Code>@mastra/deployer-vercel</Code>. There is no disk
            there: first change <Code>src/mastra/storage.ts</Code> to a hosted database.
          </p>
        </Part>
        <Part title="Before others can reach it">
          <ul className="list-disc space-y-2 pl-5 marker:text-text">
            <li>Add authentication to the server: without it, everybody can run your agents on your account.</li>
            <li>Set keys as secrets of the platform, never in files, and give each a spending limit.</li>
            <li>Web apps run in the visitor’s browser: nothing secret belongs into their files.</li>
          </ul>
        </Part>
      </article>
    </Shell>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="space-y-3 text-muted">
      <h2 className="font-semibold text-text">{title}</h2>
      {children}
    </section>
  );
}

const Code = ({ children }: { children: ReactNode }) => <code className="font-mono text-text">{children}</code>;

function Commands({ children }: { children: string }) {
  return (
    // Long lines scroll, which keys have to reach too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre tabIndex={0} className="overflow-x-auto rounded-control bg-sunk px-3 py-2 font-mono text-meta text-text">
      {children}
    </pre>
  );
}

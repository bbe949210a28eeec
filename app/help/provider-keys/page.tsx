import type { Metadata } from 'next';

import { Status } from '../../../components/status/status.tsx';
import { Shell } from '../../../components/ui/shell.tsx';
import { getContext } from '../../_server/context.ts';
import { providerStates, type ProviderState } from '../../_server/demo.ts';
import { requireViewer } from '../../_server/viewer.ts';

export const metadata: Metadata = { title: 'Provider keys' };

export default async function ProviderKeys() {
  const viewer = await requireViewer('/help/provider-keys');
  const states = providerStates(getContext().settings);
  return (
    <Shell width="column" viewer={{ email: viewer.email, role: viewer.role }}>
      <article className="space-y-6">
        <div className="space-y-2">
          <h1 className="text-title font-semibold">Provider keys</h1>
          <p className="text-muted">
            Agents call models through this server, which holds the keys of the team. A workspace never sees them. A
            provider without a key is answered by the demo model: scripted answers, good for a first look.
          </p>
        </div>
        <ul className="divide-y divide-line rounded-card border border-line">
          {states.map((provider) => (
            <li key={provider.name} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
              <span className="w-18 font-medium">{provider.label}</span>
              <code className="font-mono text-meta text-muted max-sm:order-last max-sm:w-full">
                {provider.variable}
              </code>
              <span className="ml-auto">
                <ProviderStatus state={provider.state} />
              </span>
            </li>
          ))}
        </ul>
        {viewer.role === 'admin' ? <AdminSteps variable={states[0]?.variable ?? 'OPENAI_API_KEY'} /> : <MemberSteps />}
      </article>
    </Shell>
  );
}

function ProviderStatus({ state }: { state: ProviderState['state'] }) {
  if (state === 'key') return <Status kind="ready" word="Key is set" />;
  if (state === 'demo') return <Status kind="demo" />;
  return <Status kind="disabled" word="Not available" />;
}

function AdminSteps({ variable }: { variable: string }) {
  return (
    <section className="space-y-3">
      <h2 className="font-semibold">Add a key</h2>
      <ol className="list-decimal space-y-2 pl-5 text-muted marker:text-text">
        <li>Create an API key in the provider’s console, with a spending limit.</li>
        <li>
          Put it into the <code className="font-mono text-text">.env</code> file of this installation:
          <pre className="mt-2 overflow-x-auto rounded-control bg-sunk px-3 py-2 font-mono text-meta text-text">{`${variable}=…`}</pre>
        </li>
        <li>
          Stop the server and start it again with <code className="font-mono text-text">npm start</code>. Workspaces
          keep their files, start when they are next used, and use the key from then on.
        </li>
      </ol>
    </section>
  );
}

function MemberSteps() {
  return (
    <section className="space-y-2">
      <h2 className="font-semibold">Who can add one</h2>
      <p className="text-muted">An admin of your team. There is nothing to change in your workspace afterwards.</p>
    </section>
  );
}

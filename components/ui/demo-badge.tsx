import { Status } from '../status/status.tsx';

/** Shown wherever a person may take scripted answers for those of a model. */
export function DemoBadge() {
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-table">
      <Status kind="demo" />
      <span className="text-muted">
        Scripted answers.{' '}
        <a href="/help/provider-keys" className="underline underline-offset-2 hover:text-text">
          Add a provider key
        </a>
      </span>
    </p>
  );
}

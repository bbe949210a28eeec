import { useMemo, useState } from 'react';
import type { FileDiff } from '../api/shapes.ts';
import { diffLines, diffTotals } from '../chat/diff.ts';
import { countOf } from '../chat/tools.ts';
import { Icon } from './icons.tsx';

const PREVIEW_LINES = 12;

export function Counts({ added, removed }: { added: number; removed: number }) {
  return (
    <span className="counts">
      <span className="added">+{added}</span> <span className="removed">−{removed}</span>
      <span className="hidden">{`${countOf(added, 'line')} added, ${removed} removed`}</span>
    </span>
  );
}

/** The changed files of a commit. Up to two are shown, more are opened one by one. */
export function DiffCard({ files }: { files: FileDiff[] }) {
  const totals = diffTotals(files);
  return (
    <article className="card diff-card" aria-label="Changes">
      {files.length > 1 && (
        <header className="card-head">
          <Icon name="diff" />
          <strong>{countOf(files.length, 'file')}</strong>
          <Counts {...totals} />
        </header>
      )}
      {files.map((file) => (
        <FileChange key={file.file} file={file} shown={files.length <= 2} />
      ))}
    </article>
  );
}

export function FileChange({ file, shown, line }: { file: FileDiff; shown: boolean; line?: number | undefined }) {
  const [open, setOpen] = useState(shown);
  const [all, setAll] = useState(line !== undefined);
  const lines = useMemo(() => (open ? diffLines(file.patch) : []), [open, file.patch]);
  const visible = all ? lines : lines.slice(0, PREVIEW_LINES);
  return (
    <div className="file-change">
      <button type="button" className="file-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'right'} size={12} />
        <span className="path mono" title={file.file}>
          <bdi>{file.file}</bdi>
        </span>
        <Counts added={file.added} removed={file.removed} />
      </button>
      {open && file.binary && <p className="empty-line">Binary file</p>}
      {open && !file.binary && (
        <pre className="diff" tabIndex={0} aria-label={`Diff of ${file.file}`}>
          {visible.map((entry, index) => (
            <span
              key={index}
              className={`line ${entry.kind}`}
              data-marked={(line !== undefined && entry.line === line) || undefined}
            >
              {`${entry.text}\n`}
            </span>
          ))}
        </pre>
      )}
      {open && (lines.length > PREVIEW_LINES || file.truncated) && (
        <p className="more-lines">
          {lines.length > PREVIEW_LINES && (
            <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'Show less' : `Expand all ${lines.length} lines`}
            </button>
          )}
          {file.truncated && <span className="meta">The diff is longer than can be shown.</span>}
        </p>
      )}
    </div>
  );
}

/** Tells the browser which files the next page needs, at the lowest priority; React puts the links into the head. */
export function Prefetch({ files }: { files: readonly string[] }) {
  return files.map((file) => (
    <link key={file} rel="prefetch" href={file} as={file.endsWith('.css') ? 'style' : 'script'} />
  ));
}

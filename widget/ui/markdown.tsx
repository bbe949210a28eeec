import { MarkdownTextPrimitive } from '@assistant-ui/react-markdown';
import { TextMessagePartProvider } from '@assistant-ui/react';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { ComponentProps } from 'react';
import type { Processor } from 'unified';
import { safeImage, safeLink } from '../page/navigate.ts';
import { CopyButton } from './copy-button.tsx';

/** Tables, task lists and bare links: remark-gfm without its way back to markdown, a twentieth of the bundle. */
function readGfm(this: Processor): void {
  const data = this.data();
  (data.micromarkExtensions ??= []).push(gfm());
  (data.fromMarkdownExtensions ??= []).push(gfmFromMarkdown());
}

const PLUGINS = [readGfm];

/** Text of a model: markdown without HTML, links that cannot run anything, pictures of ours only. */
export function Markdown({ text, streaming }: { text: string; streaming: boolean }) {
  return (
    <TextMessagePartProvider text={text} isRunning={streaming}>
      <MarkdownTextPrimitive className="markdown" remarkPlugins={PLUGINS} smooth={false} components={COMPONENTS} />
    </TextMessagePartProvider>
  );
}

function Link({ href, children }: ComponentProps<'a'>) {
  const address = safeLink(href, location.href);
  if (address === null) return <>{children}</>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function Picture({ src, alt }: ComponentProps<'img'>) {
  const address = safeImage(typeof src === 'string' ? src : undefined, location.href);
  if (address !== null) return <img src={address} alt={alt ?? ''} loading="lazy" />;
  return <span className="no-picture">Picture from another site, not loaded{alt ? `: ${alt}` : ''}</span>;
}

/** Long lines scroll, also by keys. */
function Pre({ node: _node, ...rest }: ComponentProps<'pre'> & { node?: unknown }) {
  return <pre tabIndex={0} {...rest} />;
}

function Table(props: ComponentProps<'table'>) {
  return (
    <div className="table-scroll">
      <table>{props.children}</table>
    </div>
  );
}

function CodeHeader({ language, code }: { language?: string | undefined; code: string }) {
  return (
    <div className="code-header">
      <span>{language && language !== 'unknown' ? language : 'text'}</span>
      <CopyButton text={code} label="Copy code" />
    </div>
  );
}

const COMPONENTS = { a: Link, img: Picture, pre: Pre, table: Table, CodeHeader };

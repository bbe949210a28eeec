import type { RequestHead } from './core.ts';
import type { Provider } from './provider.ts';
import type { FoundRoute } from './routes.ts';

/** What is known of a call by its head alone. */
export type Opening = {
  head: RequestHead;
  route: FoundRoute;
  provider: Provider;
  query: string;
  plainKey: string;
  /** Length of the body as the caller says it, or null. Bytes. */
  declared: number | null;
};

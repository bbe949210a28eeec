import { API_BASE, type Fetch } from './client.ts';

/** Tells of each call that the workspace itself has answered: who stands in between refuses in its name, and answers nothing. */
export function hearing(fetch: Fetch, heard: () => void, base = API_BASE): Fetch {
  return async (url, init) => {
    const answer = await fetch(url, init);
    if (answer.ok && url.startsWith(base)) heard();
    return answer;
  };
}

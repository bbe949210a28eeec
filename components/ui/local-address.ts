/** Whether an address means the reader's own machine, on whichever machine it is opened. */
export function isLocalAddress(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

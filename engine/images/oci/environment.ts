/** An image's variables in all, in characters: they go into every sandbox's environment. */
const MAX_LENGTH = 32 * 1024;

/** The variables of an image's configuration; what is not a variable, is empty, or is too much is left out. */
export function imageEnvironment(lines: string[]): Record<string, string> {
  const env: Record<string, string> = {};
  let left = MAX_LENGTH;
  for (const line of lines) {
    const end = line.indexOf('=');
    const [name, value] = [line.slice(0, end), line.slice(end + 1)];
    left -= line.length;
    if (end > 0 && left >= 0 && /^[A-Za-z_]\w*$/.test(name) && value !== '' && !value.includes('\0')) env[name] = value;
  }
  return env;
}

/** What a tool returned; text that is no JSON stands for itself. */
export function parseJson(content: string): unknown {
  try {
    const value: unknown = JSON.parse(content);
    return value;
  } catch {
    return content;
  }
}

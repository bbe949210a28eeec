/**
 * Studio's prebuilt page, made ours: placeholders filled, its own reload socket removed, the companion added.
 * Source of the placeholders: `mastra`'s dist/studio/index.html and the server that its CLI starts for it.
 */
export const STUDIO_MOUNT = '/studio';

export type StudioValues = { basePath: string; apiPrefix: string };

/** Value of every placeholder; an empty string is Studio's "not set". */
export function studioPlaceholders(values: StudioValues): Record<string, string> {
  return {
    STUDIO_BASE_PATH: values.basePath,
    API_PREFIX: values.apiPrefix,
    // Studio then talks to the origin it was loaded from.
    AUTO_DETECT_URL: 'true',
    SERVER_HOST: '',
    SERVER_PORT: '',
    SERVER_PROTOCOL: '',
    TELEMETRY_DISABLED: 'true',
    HIDE_CLOUD_CTA: 'true',
    CLOUD_API_ENDPOINT: '',
    EXPERIMENTAL_FEATURES: 'false',
    EXPERIMENTAL_UI: 'false',
    TEMPLATES: 'false',
    REQUEST_CONTEXT_PRESETS: '',
    // With signals on a new chat shows its answer twice.
    AGENT_SIGNALS: 'false',
    SIGNALS_UI: 'false',
    ORGANIZATION_ID: '',
    PLATFORM_PROJECT_ID: '',
    PLATFORM_OBSERVABILITY_ENDPOINT: '',
    DEV_SERVER_INSTANCE_ID: '',
  };
}

const PLACEHOLDER = /%%MASTRA_([A-Z_]+)%%/g;

/** Fills all placeholders. Throws when Studio has one that is not known here: a new version needs a decision. */
export function fillPlaceholders(html: string, values: Record<string, string>): string {
  return html.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Studio has a placeholder that is not known: %%MASTRA_${name}%%.`);
    if (/['"\\<>\n]/.test(value)) throw new Error(`The value of ${name} cannot stand in Studio's page.`);
    return value;
  });
}

// The last statement of Studio's inline script. Its server-sent `refresh` reloads the page and kills an open chat; the
// companion refreshes the lists instead.
const OWN_RELOAD = /\n\s*connectSSE\(\);(?=\s*\}\)\(\);\s*<\/script>)/;

/** Removes the start of Studio's own reload stream. Throws when Studio's page no longer looks as expected. */
export function removeOwnReload(html: string): string {
  if (!OWN_RELOAD.test(html)) throw new Error("Studio's page has no reload stream where one was expected.");
  return html.replace(OWN_RELOAD, '');
}

/**
 * Adds a script of ours as the last of the page: the companion when Studio is built, the widget when the front starts.
 * Modules run in order and apart: one that fails stops neither Studio nor the next.
 */
export function addScript(html: string, src: string): string {
  if (!html.includes('</body>')) throw new Error("Studio's page has no end of body.");
  return html.replace('</body>', `  <script type="module" src="${src}"></script>\n  </body>`);
}

/** Text of the inline scripts, for their hashes in the page's CSP. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1] ?? '');
}

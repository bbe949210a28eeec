/** What the box reads a provider's key from, by the part of a model's name before the slash. */
const KEY_OF: Readonly<Record<string, string>> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  google: 'GOOGLE_GENERATIVE_AI_API_KEY',
};
const TIERS = ['MODELS_FAST', 'MODELS_GENERAL', 'MODELS_BEST', 'MODELS_DEVELOPER'];

export type Asked = { model?: string; providerKey?: string };
/** Null stands for the demo model. */
export type Provider = { settings: Record<string, string>; model: string | null };

/**
 * The settings of the box for the provider to be evaluated.
 * @throws with what to do when a key is named that is not there
 */
export function chooseProvider({ model, providerKey }: Asked, env: NodeJS.ProcessEnv): Provider {
  const provider = model?.split('/')[0] ?? '';
  if (model !== undefined && !(provider in KEY_OF)) {
    throw new Error(`--model is <provider>/<model> of ${Object.keys(KEY_OF).join(', ')}, not ${model}`);
  }
  const names = providerKey === undefined ? Object.values(KEY_OF) : [providerKey];
  const found = names.filter((name) => env[name]);
  if (providerKey !== undefined && found.length === 0) throw new Error(`${providerKey} is not set in the environment`);
  if (found.length === 0 && model === undefined) return { settings: withoutKeys(), model: null };
  const keys = keySettings({ provider, providerKey }, env);
  if (Object.keys(keys).length === 0) throw new Error(`set ${KEY_OF[provider]} to evaluate ${model}`);
  const models =
    model === undefined ? {} : Object.fromEntries([...TIERS, 'DEFAULT_MODEL'].map((name) => [name, model]));
  return { settings: { ...withoutKeys(), ...keys, ...models }, model: model ?? 'the default models' };
}

/** A variable with a name of its own holds the key of the provider that the model is of, or that its name tells. */
function keySettings(
  { provider, providerKey }: { provider: string; providerKey: string | undefined },
  env: NodeJS.ProcessEnv,
) {
  const wanted =
    provider === '' ? Object.entries(KEY_OF) : Object.entries(KEY_OF).filter(([name]) => name === provider);
  if (providerKey === undefined) return present(wanted.map(([, name]) => [name, env[name]]));
  const [told] = wanted.filter(
    ([name, key]) => wanted.length === 1 || key === providerKey || providerKey.toLowerCase().includes(name),
  );
  if (!told) throw new Error(`say with --model which provider ${providerKey} is for`);
  return present([[told[1], env[providerKey]]]);
}

const present = (pairs: [string, string | undefined][]): Record<string, string> =>
  Object.fromEntries(pairs.flatMap(([name, value]) => (value ? [[name, value]] : [])));

/** What the environment holds besides must not be evaluated along. */
const withoutKeys = (): Record<string, string> => Object.fromEntries(Object.values(KEY_OF).map((name) => [name, '']));

import { say, together, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import { apply, indexOf, PROJECT, reading, registering, tellFailedCheck, tellNoList, writing } from '../files.ts';
import { field, parseJson } from '../json.ts';
import { namesOf } from '../names.ts';
import { environmentToolSource } from '../sources/environment-tool.ts';

const ASKED =
  /\bconnect(?: (?:to|with|the|my|our|an?))* (?<service>[\p{L}\p{N}][\p{L}\p{N} -]{0,30}?)(?=[,.:;!?]|\s+(?:and|which|that|it|with|by|using|needs?|to|for|so)\b|$)/iu;

/** "Connect Acme, it needs a key": asks for the key, which goes past the model, and writes a tool that can use it. */
export const connect: Script = {
  name: 'connect a service',
  when: ASKED,
  play,
};

function* play({ question }: Scene): Play {
  const service = ASKED.exec(question)?.groups?.service ?? 'the service';
  const key = `${namesOf(service, 'service').id.replaceAll('-', '_').toUpperCase()}_API_KEY`;
  const names = namesOf(`${service} status`, 'service');
  yield* say(`${service} needs a key. You give it to your workspace directly; I never see it.`);
  const saved = yield* use('ask_env_vars', {
    variables: [{ name: key, why: `${service} asks for it with each call.`, secret: true }],
  });
  if (!Array.isArray(field(parseJson(saved.content), 'saved'))) {
    return yield* say(`Without ${key} nothing was connected. Ask again once you have it.`);
  }
  const [index] = yield* together(reading(indexOf('tools')));
  const registered = registering('tools', names, index ? fileText(index) : '');
  if (registered === undefined) return yield* tellNoList('tools');
  yield* together(
    writing(`${PROJECT}/tools/${names.id}.ts`, environmentToolSource(names, service, key)),
    ...registered,
  );
  const check = yield* apply(`Connect ${service}`);
  if (!check.ok) return yield* tellFailedCheck(check);
  yield* say(`The tool ${names.id} says whether ${service} is connected.`);
}

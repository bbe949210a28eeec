import type { GatewayError } from '../errors.ts';
import { isForm } from '../headers.ts';
import type { FoundRoute } from '../routes.ts';
import { type BodyInspector, invalidBody } from './facts.ts';
import { createJsonInspector } from './json-inspector.ts';
import { boundaryOf, createMultipartInspector } from './multipart-inspector.ts';

const FORM_PATH = /^\/(?:images\/(?:edits|variations)|audio\/(?:transcriptions|translations))$/;
/** The model in the address of Google's API. */
const PATH_MODEL = /^\/models\/([^:/]+):/;

/** What reads the body of a route's request, or why it cannot be read. */
export function inspectorOf(
  route: FoundRoute,
  header: (name: string) => string | undefined,
): BodyInspector | GatewayError {
  const encoding = header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return { ...invalidBody('Bodies have to come without compression.'), status: 415 };
  }
  const type = header('content-type') ?? '';
  if (isForm(route.protocol, type)) {
    const boundary = FORM_PATH.test(route.path) ? boundaryOf(type) : null;
    if (boundary === null) return { ...invalidBody('A form of this type is not taken here.'), status: 415 };
    return createMultipartInspector(boundary);
  }
  if (/charset/i.test(type) && !/charset *= *"?utf-?8"?/i.test(type)) {
    return { ...invalidBody('Bodies have to be in UTF-8.'), status: 415 };
  }
  const inspector = createJsonInspector(route.format, PATH_MODEL.exec(route.path)?.[1] ?? null);
  if (route.path.endsWith(':streamGenerateContent')) inspector.facts.stream = true;
  return inspector;
}

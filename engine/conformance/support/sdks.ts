import * as newest from 'e2b';
import * as older from 'e2b-2.45';

/** Both versions have the same surface for what the tests use; their classes differ to the compiler by private members alone. */
export type Sdk = typeof newest;
export type Sandbox = newest.Sandbox;

const asNewest = (sdk: typeof older): Sdk => sdk as unknown as Sdk;

/** The newest version that the engine is built for, and the oldest: 2.51 speaks v2 of create and connect, 2.45 v1. */
export const SDKS = { '2.51': newest, '2.45': asNewest(older) } satisfies Record<string, Sdk>;
export type SdkVersion = keyof typeof SDKS;

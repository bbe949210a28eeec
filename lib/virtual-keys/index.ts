export { formatVirtualKey, userIdOfVirtualKey } from './format.ts';
export { mintVirtualKey } from './mint.ts';
export { createKeyResolver, type KeyResolver, type ResolvedKey } from './resolver.ts';

export { formatVirtualKey, userIdOfVirtualKey } from './format.ts';
export { type KeyInfo, listKeys, revokeKey, setKeyExpiry } from './manage.ts';
export { mintVirtualKey } from './mint.ts';
export { createKeyResolver, type KeyRefused, type KeyResolver, type ResolvedKey } from './resolver.ts';
export { rotateVirtualKey, type Rotation } from './rotate.ts';

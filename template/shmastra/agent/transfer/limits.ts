const MEGABYTE = 1024 * 1024;

/** What an export may hold and an import may bring. */
export const LIMITS = { packedBytes: 50 * MEGABYTE, unpackedBytes: 200 * MEGABYTE, files: 5000 };

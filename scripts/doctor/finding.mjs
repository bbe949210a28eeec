/**
 * What a check found. `fail` means that `npm start` would not work; `warn` that something will be missing or slow.
 * @typedef {{ level: 'ok' | 'warn' | 'fail', what: string, why?: string, fix?: string }} Finding
 * @typedef {{ root: string, env: Record<string, string>, dataDir: string, isRoot: boolean }} Machine
 */

/** @param {string} what @returns {Finding} */
export const ok = (what) => ({ level: 'ok', what });

/** @param {string} what @param {string} why @param {string} fix @returns {Finding} */
export const warn = (what, why, fix) => ({ level: 'warn', what, why, fix });

/** @param {string} what @param {string} why @param {string} fix @returns {Finding} */
export const fail = (what, why, fix) => ({ level: 'fail', what, why, fix });

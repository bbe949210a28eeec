/** Modules of Node that are loaded when they are first used: they would take a tenth of the time that envd needs to boot. */
export const crypto = () => process.getBuiltinModule('node:crypto');
export const zlib = () => process.getBuiltinModule('node:zlib');

import { DiskFullError } from '../api/errors.ts';

/** The error to tell when a step on the host failed: a program of the host tells of a full disk in its output only. */
export function toldAsDiskFull(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DiskFullError) return error;
  const isFull = ('code' in error && error.code === 'ENOSPC') || /No space left/.test(error.message);
  return isFull ? new DiskFullError() : error;
}

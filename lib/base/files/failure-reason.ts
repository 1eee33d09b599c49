import { constants } from 'node:os';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'the file would be larger than is allowed here',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
};

/** Says in words why a file cannot be written; the name of the error if there are no words for it. */
export function failureReason(error: unknown): string {
  const { code = String(error), errno = 0 } = error as NodeJS.ErrnoException;
  // Node has no name for some errors of the system, EDQUOT among them.
  const name = /^E[A-Z0-9]+$/.test(code) ? code : nameOf(-errno);
  return REASONS[name ?? code] ?? name ?? code;
}

function nameOf(number: number): string | undefined {
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0];
}

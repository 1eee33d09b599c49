/** A message for the system's error that too many files are open; undefined for other errors. */
export function tooManyOpenFiles(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EMFILE' && code !== 'ENFILE') return undefined;
  return `too many open files (${code}); allow more of them: ulimit -n 256`;
}

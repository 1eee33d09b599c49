/** What to say where the system refuses to open another file because too many are open; undefined for other errors. */
export function tooManyOpenFiles(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EMFILE' && code !== 'ENFILE') return undefined;
  return `too many open files (${code}); allow more of them: ulimit -n 256`;
}

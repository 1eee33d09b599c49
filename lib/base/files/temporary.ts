import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning, shortScope } from '../process-identity.js';

/** A temporary file of another machine or container counts as abandoned after this many hours. */
const LEFT_OVER_HOURS = 24;

/**
 * Makes a name for a temporary file beside `path`. It contains the writer's process, so that others can recognise an
 * abandoned file.
 */
export function temporaryPath(path: string): string {
  const name = `.${basename(path)}.${shortScope()}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  return join(dirname(path), name);
}

/** Removes temporary files beside `path` whose writers were killed; files that cannot be removed are left. */
export async function removeLeftovers(path: string): Promise<void> {
  const start = `.${basename(path)}.`;
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !name.endsWith('.tmp')) continue;
    const [, scope, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length)) ?? [];
    if (scope === undefined) continue;
    const file = join(folder, name);
    const isOver = scope === shortScope() ? !isRunning(Number(pid)) : await isOld(file);
    if (isOver) await rm(file, { force: true }).catch(() => undefined);
  }
}

async function isOld(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > LEFT_OVER_HOURS * 3_600_000;
}

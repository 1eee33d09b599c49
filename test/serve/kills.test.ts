/** A server that is killed under load; test/serve/kill-rounds.mjs repeats it any number of times. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { workFolder } from '../cli/run.js';

const script = fileURLToPath(new URL('kill-rounds.mjs', import.meta.url));
const folder = workFolder();
const mounted: string[] = [];

interface Rounds {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly torn: number;
  readonly losses: readonly string[];
}

async function kill(rounds: number, where: string, seed = 1): Promise<Rounds> {
  const words = [script, String(rounds), where, String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout) as Rounds;
}

/** A file system in memory with room for a few hundred rows; undefined if this user may not mount one. */
function smallDisk(): string | undefined {
  const path = join(folder(), 'small');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mounted.push(path);
  return path;
}

afterAll(() => {
  for (const path of mounted) execFileSync('umount', [path]);
});

describe.runIf(process.platform === 'linux')('a server that is killed under load', () => {
  it('comes back with every acknowledged row, to the digest of an offline learner', async () => {
    const { acknowledged, torn, losses } = await kill(3, folder());
    expect(losses).toEqual([]);
    expect(acknowledged).toBeGreaterThan(20);
    expect(torn).toBe(1);
  });

  it('does so on a disk that fills', async (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip('mounting a small disk needs root');
    let refused = 0;
    // A busy machine may kill the servers before the disk is full.
    for (let seed = 1; seed < 30 && refused === 0; seed += 3) {
      const { answers, losses } = await kill(3, disk, seed);
      expect(losses).toEqual([]);
      refused += answers['503'] ?? 0;
    }
    expect(refused).toBeGreaterThan(0);
  });
});

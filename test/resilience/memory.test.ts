import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Networks in all; SPARSE_TRAIN_NETWORKS asks for more than the suite does. */
const NETWORKS = Number(process.env.SPARSE_TRAIN_NETWORKS ?? 200);

const MIB = 2 ** 20;

describe('memory', () => {
  it(`stays flat while networks are built, trained and dropped (${NETWORKS} of them)`, {
    timeout: 60_000 + NETWORKS * 100,
  }, () => {
    const program = fileURLToPath(new URL('memory.mjs', import.meta.url));
    const output = execFileSync(process.execPath, ['--expose-gc', program, String(NETWORKS)], {
      encoding: 'utf8',
    });
    const bytes = JSON.parse(output) as number[];
    const half = bytes.length / 2;
    // The memory at the beginning of the second half must suffice for the rest. A network has more than 0.1 MiB of
    // weights and a megabyte inside the engine, so a leak of one in ten would show.
    const before = Math.max(...bytes.slice(0, half));
    const after = Math.max(...bytes.slice(half));
    if (NETWORKS >= 1000) console.log(`resident: ${bytes.map((b) => (b / MIB).toFixed(1)).join(', ')} MiB`);
    expect(after - before).toBeLessThan(8 * MIB);
  });
});

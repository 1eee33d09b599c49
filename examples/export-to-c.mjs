/**
 * From training to a microcontroller: trains on digits, writes the network as C, and, where there is a C compiler, runs the
 * compiled program beside predict(): the same decisions, and the same numbers.
 *
 *     node examples/export-to-c.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset, Network } from 'sparse-train';
import { exportC } from 'sparse-train/export';

const { train, test } = await loadDataset('mnist');
const network = new Network({
  layers: [784, 128, 10],
  density: [0.1, 1],
  arithmetic: { kind: 'wide', weightBits: 8 },
});
await network.fit(train, { epochs: 1 });

const folder = mkdtempSync(join(tmpdir(), 'export-to-c-'));
try {
  const { files, tableBytes } = await exportC(network, join(folder, 'digits.c'));
  console.log(`digits.c: ${(tableBytes / 1000).toFixed(1)} kB of tables`);

  const program = join(folder, 'digits');
  const compiled = spawnSync('cc', ['-std=c99', '-O2', '-DDIGITS_MAIN', files[0], '-o', program]);
  if (compiled.status !== 0) {
    console.log('there is no C compiler here to go on with');
  } else {
    const images = test.inputs.data;
    const { stdout } = spawnSync(program, { input: images, encoding: 'utf8', maxBuffer: 2 ** 26 });
    const lines = stdout.trimEnd().split('\n');
    const { decisions } = await network.predictBatch(images);
    const same = lines.filter((line, i) => Number(line.split(' ')[0]) === decisions[i]).length;
    console.log(`the compiled program decides ${same} of ${decisions.length} test images as predict() does`);
    if (same !== decisions.length) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

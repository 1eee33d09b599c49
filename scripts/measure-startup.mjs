#!/usr/bin/env node
/**
 * Measures what starting costs: processor time (user and system) above a bare Node, of `import 'sparse-train'`, of
 * `sparse-train --version` and of training on MNIST. The commands take turns, and the least and the median of all rounds
 * are printed, as other programs on the machine only add time.
 *
 *   node scripts/measure-startup.mjs [--rounds 20] [--folder <a folder with the package installed>] [--mnist]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { fail, root } from './run.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    folder: { type: 'string', default: root },
    mnist: { type: 'boolean', default: false },
  },
});
const api = pathToFileURL(join(values.folder, 'dist', 'index.js')).href;
const command = join(values.folder, 'dist', 'cli', 'main.js');

const commands = {
  'bare Node': ['--input-type=module', '--eval', '0'],
  "import 'sparse-train'": ['--input-type=module', '--eval', `import ${JSON.stringify(api)}`],
  'sparse-train --version': [command, '--version'],
  ...(values.mnist ? { 'sparse-train mnist': [command, 'mnist'] } : {}),
};

/** Milliseconds, a number for each round. */
const measured = Object.fromEntries(Object.keys(commands).map((name) => [name, { cpu: [], wall: [] }]));
const work = mkdtempSync(join(tmpdir(), 'sparse-train-startup-'));
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [name, words] of Object.entries(commands)) {
      const start = performance.now();
      // The shell's times count its ended children.
      const result = spawnSync('bash', ['-c', '"$0" "$@" >/dev/null && times', process.execPath, ...words], {
        cwd: work,
        encoding: 'utf8',
      });
      if (result.status !== 0) fail(`${name} failed\n${result.stderr}`);
      const seconds = [...(result.stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
      const cpu = seconds.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
      measured[name].cpu.push(cpu * 1000);
      measured[name].wall.push(performance.now() - start);
    }
} finally {
  rmSync(work, { recursive: true });
}

const least = (numbers) => Math.min(...numbers);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const bare = measured['bare Node'];
for (const [name, { cpu, wall }] of Object.entries(measured)) {
  const above = `${(least(cpu) - least(bare.cpu)).toFixed(0)} ms above bare Node (medians: ${(median(cpu) - median(bare.cpu)).toFixed(0)})`;
  console.log(
    `${name.padEnd(24)} ${least(cpu).toFixed(0).padStart(5)} ms CPU, ${least(wall).toFixed(0).padStart(5)} ms wall; ${above}`,
  );
}

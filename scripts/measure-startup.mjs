#!/usr/bin/env node
/**
 * Measures what starting costs: processor time (user and system) above a bare Node, of `import 'sparse-train'`, of
 * `sparse-train --version` and of training on MNIST. The commands take turns, and the least and the median of all rounds
 * are printed, as other programs on the machine only add time.
 *
 *   node scripts/measure-startup.mjs [--rounds 20] [--folder <a folder with the package installed>] [--mnist]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './run.mjs';
import { BARE, measureStarts, startCommands } from './startup.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    folder: { type: 'string', default: root },
    mnist: { type: 'boolean', default: false },
  },
});
const commands = {
  ...startCommands(values.folder),
  ...(values.mnist ? { 'sparse-train mnist': [join(values.folder, 'dist', 'cli', 'main.js'), 'mnist'] } : {}),
};
const measured = measureStarts(commands, Number(values.rounds));

const least = (numbers) => Math.min(...numbers);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const bare = measured[BARE];
for (const [name, { cpu, wall }] of Object.entries(measured)) {
  const above = `${(least(cpu) - least(bare.cpu)).toFixed(0)} ms above bare Node (medians: ${(median(cpu) - median(bare.cpu)).toFixed(0)})`;
  console.log(
    `${name.padEnd(24)} ${least(cpu).toFixed(0).padStart(5)} ms CPU, ${least(wall).toFixed(0).padStart(5)} ms wall; ${above}`,
  );
}

/**
 * Stores the results: a row for each module in docs/lab/mutation.md, and the surviving mutants, each with a
 * reason that a person wrote, in survivors.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';
import { MODULES } from './modules.mjs';

const PAGE = join(root, 'docs', 'lab', 'mutation.md');
const SURVIVORS = join(root, 'scripts', 'mutation', 'survivors.json');

/** A reason begins with one of these. */
export const KINDS = ['equivalent', 'text', 'speed', 'accepted'];

/** Whether a mutant survived the last run. @param {{ file: string, key: string }} mutant */
export function hasSurvived({ file, key }) {
  return JSON.parse(readFileSync(SURVIVORS, 'utf8'))[file]?.[key] !== undefined;
}

/**
 * @param {string} module @param {readonly import('./campaign.mjs').Result[]} results @param {number} total - mutants that
 * the module has in all @param {number} sample - the most of one file
 */
export function writeResult(module, results, total, sample) {
  const known = JSON.parse(readFileSync(SURVIVORS, 'utf8'));
  const kept = Object.fromEntries(Object.entries(known).filter(([file]) => !file.startsWith(`${module}/`)));
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  let killed = 0;
  let unjudged = 0;
  for (const { mutant, state } of results) {
    if (state === 'killed') {
      killed++;
      continue;
    }
    const reason = known[mutant.file]?.[mutant.key] ?? '';
    const kind = KINDS.find((word) => reason.startsWith(`${word}: `));
    if (kind === undefined) unjudged++;
    else counts[kind]++;
    kept[mutant.file] ??= {};
    kept[mutant.file][mutant.key] = reason;
  }
  const inOrder = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(SURVIVORS, `${JSON.stringify(inOrder, undefined, 2)}\n`);
  const share = ((100 * killed) / results.length).toFixed(1);
  const cells = [`\`${module}\``, total, sample, results.length, killed, `${share} %`];
  const row = `| ${[...cells, ...KINDS.map((kind) => counts[kind]), unjudged].join(' | ')} |`;
  const page = readFileSync(PAGE, 'utf8').split('\n');
  const old = page.findIndex((line) => line.startsWith(`| \`${module}\` `));
  if (old >= 0) page[old] = row;
  else {
    const order = Object.keys(MODULES);
    const head = page.findIndex((line) => line.startsWith('|---'));
    const before = order.slice(0, order.indexOf(module)).map((name) => `| \`${name}\` `);
    const at = page.findLastIndex((line) => before.some((start) => line.startsWith(start)));
    page.splice(Math.max(head, at) + 1, 0, row);
  }
  writeFileSync(PAGE, page.join('\n'));
}

/**
 * Mutants that once survived all tests. CI tries each of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from '../run.mjs';

/**
 * `from` is an expression, or a statement where `to` is empty; `within` is a text around it, where it stands more than once
 * in the file.
 */
const NAMED = [
  {
    name: "TPE looks at the good trials' density alone",
    file: 'lib/search/samplers/tpe.ts',
    from: 'pair.good.logDensity(point) - pair.others.logDensity(point)',
    to: 'pair.good.logDensity(point)',
    tests: ['test/search/samplers/tpe.test.ts'],
  },
  {
    name: 'a file is renamed before it is flushed to the disk',
    file: 'lib/base/files/flush.ts',
    from: 'await handle.sync();',
    to: '',
    tests: ['test/network/atomic-write.test.ts'],
  },
  {
    name: 'a renamed file may be lost with its folder',
    file: 'lib/base/files/atomic-write.ts',
    from: 'await flushFolder(dirname(path));',
    to: '',
    tests: ['test/network/atomic-write.test.ts'],
  },
  {
    name: 'predictions get a thread for a tenth of the work',
    file: 'lib/network/threads.ts',
    from: '20_000_000',
    to: '2_000_000',
    tests: ['test/network/threads.test.ts'],
  },
  {
    name: 'twenty whole numbers are not classes but values',
    file: 'lib/formats/csv/decide-column.ts',
    within: 'AUTO_CLASSES = 20',
    from: '20',
    to: '19',
    tests: ['test/datasets/csv.test.ts'],
  },
  {
    name: 'a report says that a class was taken for itself',
    file: 'lib/report/html/sections/confusion.ts',
    within: 'names[said]}: ',
    from: 'names[said]',
    to: 'names[is]',
    tests: ['test/report/confusion.test.ts'],
  },
];

export function named() {
  const mutants = NAMED.map(({ name, file, within, from, to }) => {
    const source = readFileSync(join(root, file), 'utf8');
    const around = within ?? from;
    if (source.split(around).length !== 2)
      fail(`scripts/mutation/named.mjs: ${file} does not hold once: ${around}`);
    const start = source.indexOf(around) + around.indexOf(from);
    const line = source.slice(0, start).split('\n').length;
    return { file, key: name, line, start, end: start + from.length, text: to, isStatement: to === '' };
  });
  return { mutants, tests: [...new Set(NAMED.flatMap(({ tests }) => tests))] };
}

import { expect, it } from 'vitest';
import type { Option, Table } from '../../lib/base/options/table.js';
import { render } from '../../lib/base/wording.js';
import { DOWNLOAD } from '../../lib/catalog/download/options.js';
import { MORSE } from '../../lib/catalog/morse.js';
import { LOAD } from '../../lib/catalog/registry.js';
import { C, NPZ, ONNX } from '../../lib/export/options.js';
import { READ_ROWS, READ_TABLE } from '../../lib/formats/read.js';
import { IMPORT_FILE } from '../../lib/import/options.js';
import { ARITHMETICS } from '../../lib/network/arithmetic.js';
import { INTERLEAVER } from '../../lib/network/interleaver.js';
import { LOCAL_PATTERN } from '../../lib/network/local-pattern.js';
import { SAVE } from '../../lib/network/model-file/model.js';
import { OPTIMIZER } from '../../lib/network/optimizer.js';
import { NETWORK } from '../../lib/network/options.js';
import { THREADS } from '../../lib/network/threads.js';
import { LEARNER } from '../../lib/online/options.js';
import { REPORT_RUNS, REPORT_STUDY } from '../../lib/report/options.js';
import {
  DATA,
  HARDWARE_BUDGET,
  OBJECTIVE,
  PARAMETERS,
  PRUNERS,
  SAMPLERS,
  STUDY,
} from '../../lib/search/definition/tables.js';
import { STUDY_OPTIONS } from '../../lib/search/open.js';
import { RUN_STUDY } from '../../lib/search/run.js';
import { DURABLE } from '../../lib/serve/options.js';
import { AUGMENT } from '../../lib/training/augmentation.js';
import { CHECKPOINT, CHECKPOINT_EVERY } from '../../lib/training/checkpoint/options.js';
import { DYNAMIC_PATTERN } from '../../lib/training/dynamic-pattern.js';
import { EARLY_STOPPING } from '../../lib/training/early-stopping.js';
import { FIT } from '../../lib/training/fit-options.js';
import { SCHEDULES } from '../../lib/training/learning-rate.js';

const variants = (title: string, tables: Readonly<Record<string, Table>>) =>
  Object.entries(tables).map(([kind, table]) => [`${title} of kind \`${kind}\``, table] as const);

/** Sections of the page: where the options stand, and their table. */
const SECTIONS: readonly (readonly [title: string, table: Table])[] = [
  ['`new Network(options)`', NETWORK],
  ...variants('`arithmetic`', ARITHMETICS),
  ['`optimizer`', OPTIMIZER],
  ['`pattern` of kind `interleaver`', INTERLEAVER],
  ['`localPattern(options)`', LOCAL_PATTERN],
  ['`network.fit(data, options)`', FIT],
  ...variants('`learningRate`', SCHEDULES),
  ['`earlyStopping`', EARLY_STOPPING],
  ['`dynamicPattern`', DYNAMIC_PATTERN],
  ['`augment`', AUGMENT],
  ['`checkpoint`', CHECKPOINT],
  ['`checkpoint.every`, one of', CHECKPOINT_EVERY],
  ['`network.evaluate(data, options)`, `network.predictBatch(inputs, options)`', THREADS],
  ['`network.save(file, options)`', SAVE],
  ['`new Learner(options)`', LEARNER],
  ['`DurableModel.open(file, options)`', DURABLE],
  ['`readTable(path, options)`; `streamTable()` has all but `labels` and `classes`', READ_TABLE],
  ['`readRows(path, schema, options)`', READ_ROWS],
  ['`loadDataset(name, options)`', LOAD],
  ['`downloadDataset(name, options)`', DOWNLOAD],
  ['`makeMorse(options)`', MORSE],
  ['`importNetwork(file, options)`, besides those of a network', IMPORT_FILE],
  ['`exportOnnx(network, file, options)`', ONNX],
  ['`exportC(network, file, options)`', C],
  ['`exportNpz(network, file, options)`', NPZ],
  ['A study (`createStudy(definition)`, a search file)', STUDY],
  ...variants('A parameter of a study', PARAMETERS),
  ...variants('`sampler` of a study', SAMPLERS),
  ...variants('`pruner` of a study', PRUNERS),
  ['An objective of a study', OBJECTIVE],
  ['`data` of a study', DATA],
  ['`hardware` of a study', HARDWARE_BUDGET],
  ['`createStudy(definition, options)`', STUDY_OPTIONS],
  ['`runStudy(study, options)`', RUN_STUDY],
  ['`reportRuns(runs, options)`', REPORT_RUNS],
  ['`reportStudy(study, options)`', REPORT_STUDY],
];

const cell = (text: string) => text.replaceAll('|', '\\|');

function fallback({ required, default: value, otherwise }: Option): string {
  if (required) return 'required';
  if (value === undefined) return otherwise ?? '-';
  return `\`${JSON.stringify(value)}\``;
}

function section(title: string, table: Table): string {
  const lines = Object.entries(table).map(([name, entry]) => {
    const { text, kind, flag } = entry;
    const cells = [`\`${name}\``, text, render(kind.expected), fallback(entry), flag ? `\`${flag}\`` : ''];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  if (lines.length === 0) return `## ${title}\n\nNo options but \`kind\`.\n`;
  const head = '| option | meaning | value | default | command line |\n|---|---|---|---|---|';
  return `## ${title}\n\n${head}\n${lines.join('\n')}\n`;
}

const PREFACE = `# Options

<!-- Generated from the tables in lib/ by \`npx vitest run test/options/reference.test.ts -u\`; do not edit. -->

For people who look up an option: every option of the API, with the values it takes, its default and its flag. The same
tables check calls, command lines, configuration files and stored models. \`sparse-train COMMAND --help\` lists all flags
of a command, and [errors.md](errors.md) says how a wrong value is reported.
`;

it('docs/options.md says what the tables say', async () => {
  const page = [PREFACE, ...SECTIONS.map(([title, table]) => section(title, table))].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/options.md');
});

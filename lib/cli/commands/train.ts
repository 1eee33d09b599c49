import { SparseTrainError } from '../../base/errors.js';
import { counted } from '../../base/numbers.js';
import { boolean, path, whole } from '../../base/options/kinds.js';
import { render } from '../../base/wording.js';
import { isDense } from '../../data/dataset.js';
import { NETWORK } from '../../network/options.js';
import { columnsText, plannedColumns, type TablePlan } from '../../terminal/columns-text.js';
import {
  EPOCHS,
  type Given,
  HIDDEN,
  prepare,
  recipeForOthers,
  recipeForTable,
} from '../../training/tuning/recipe.js';
import { TRIALS } from '../../training/tuning/tune.js';
import { defineCommand, type Outcome } from '../command.js';
import { readConfigFile } from '../config-file.js';
import { loadTrainingData } from '../data/load.js';
import { originOf } from '../data/origin.js';
import type { TrainingData } from '../data/training-data.js';
import { TRAIN_VALIDATION } from '../presets.js';
import { dashboardSettings, dashboardTask } from '../settings/dashboard.js';
import { csvSettings, dataSettings, streamSettings, testDataSettings } from '../settings/data.js';
import { networkOptions, networkSettings } from '../settings/network.js';
import { outputFiles, outputSettings } from '../settings/output.js';
import { commandSpelling, type Settings, settingOf, type Values } from '../settings/setting.js';
import { fitOptions, trainingSettings } from '../settings/training.js';
import type { Terminal } from '../terminal.js';
import { checkOutputFiles, conductTraining } from '../training/conduct.js';
import { LARGEST_TUNED, trialsFor, tuneTable } from '../training/tune.js';

const taskSettings = {
  outputLayer: {
    ...settingOf(NETWORK.output, '--output-layer', 'output'),
    placeholder: '<kind>',
    otherwise: 'decided by the data',
    oldFlags: ['--output'],
  },
} satisfies Settings;

const tuningSettings = {
  tune: {
    flag: '--tune',
    kind: whole(0, 1000),
    description:
      'try up to this many recipes (first layer, weight decay, rate, epochs, size) on rows held out in turn, and train by the best; 0: none',
    otherwise: `${TRIALS} for a table of up to ${LARGEST_TUNED} rows if no option chooses any of these; otherwise 0`,
  },
} as const satisfies Settings;

const configSettings = {
  config: {
    flag: '--config',
    kind: path(),
    description:
      'a JSON file with any of these options as { "learningRate": 0.02, ... }; the command line overrides it',
  },
} as const satisfies Settings;

const dryRunSettings = {
  dryRun: {
    flag: '--dry-run',
    kind: boolean,
    description: 'say which column becomes what, train nothing and write nothing',
  },
} as const satisfies Settings;

const groups = {
  'Data:': { ...dataSettings, ...streamSettings, ...testDataSettings },
  'CSV files:': csvSettings,
  'Training:': { ...trainingSettings, ...tuningSettings, ...taskSettings },
  'Network:': networkSettings,
  'Output:': { ...outputSettings, ...dashboardSettings },
} as const;

/** All keys that a configuration file may contain. */
const configurable = {
  ...groups['Data:'],
  ...groups['CSV files:'],
  ...groups['Training:'],
  ...groups['Network:'],
  ...groups['Output:'],
};

type TrainValues = Values<typeof configurable>;

export default defineCommand({
  description:
    'The data are a table (--data, --label: CSV, JSON lines, Parquet, .npy), arrays (.npz), a folder of PNG images, a ' +
    'pair of IDX or .npy files (--images, --labels), or a named data set ("sparse-train datasets" lists them). ' +
    'Columns of text become categories, numbers are scaled, and both are stored in the model. Without data to ' +
    'test on, a tenth of the rows is set aside for measuring. Ctrl-C stops early and keeps what has been learned.',
  options: { 'Configuration:': { ...configSettings, ...dryRunSettings }, ...groups },
  defaults: {
    epochs: `${EPOCHS}; more for a small table of numbers to predict`,
    learningRate: '0.02 times the batch size, at most 1; 0.001 with adam and adamw',
    decay: 'cosine',
    layers: HIDDEN.join(','),
    weightDecay: 'tables: 2 / rows, to predict numbers 6 / rows (plain sgd without batches); otherwise 0',
    density: 'a tenth, but at least 32 edges for each neuron; the last junction is dense',
    validation: `${TRAIN_VALIDATION} without test data`,
    out: 'the name of the data, with .safetensors',
    log: 'the name of the model, with .jsonl',
  },
  examples: [
    'sparse-train train --data iris.csv --label species --epochs 60',
    'sparse-train train --data houses.csv --label price --dry-run',
    'sparse-train train --data houses.csv --label price --task regress --layers 256,64 --patience 5',
    'sparse-train train --images train-images.gz --labels train-labels.gz --test-images t10k-images.gz ' +
      '--test-labels t10k-labels.gz --layers 1024 --density 0.05,1',
    'sparse-train train --data pictures --layers 128',
    'zcat events.ndjson.gz | sparse-train train --data - --format ndjson --stream --out events.safetensors',
    'sparse-train train --config run.json --seed 2',
  ],
  async run({ terminal, line, options: { dryRun = false, ...options } }) {
    const values = await withConfig(options);
    if (dryRun) return planOf(await loadTrainingData(values, terminal.streams.stdin), terminal);
    const named = values.out === undefined ? undefined : outputFiles(values, values.out);
    if (named !== undefined) await checkOutputFiles(named, values.force ?? false);
    const data = await loadTrainingData(values, terminal.streams.stdin);
    const files = named ?? outputFiles(values, `${data.name}.safetensors`);
    if (named === undefined) await checkOutputFiles(files, values.force ?? false);
    const quiet = values.quiet ?? false;
    const spelling = commandSpelling(groups['CSV files:']);
    const tellSkipped = () => {
      if (!quiet) for (const remark of data.remarks) terminal.note(render(remark, spelling));
      if (data.skipped > 0 && !quiet)
        terminal.note(`left out: ${counted(data.skipped, 'row')} with missing or unknown values`);
      if (data.testSkipped > 0 && !quiet)
        terminal.note(
          `left out: ${counted(data.testSkipped, 'row')} of ${values.test} with missing or unknown values`,
        );
    };
    const { isStream } = data;
    if (!isStream) tellSkipped();
    const given = decided(values, data);
    const validation = validationShare(values, data);
    const trials = trialsFor(values, data);
    const tuning =
      trials === 0 ? undefined : await tuneTable(data, given, { trials, validation, quiet }, terminal);
    if (typeof tuning === 'number') return tuning;
    const usual = data.isTable ? recipeForTable(data.train, given) : recipeForOthers(given);
    const { network, fit, begin } = prepare(tuning?.recipe ?? usual, data.train, given);
    const calibration = fit.calibration ?? tuning?.temperature;
    const outcome = await conductTraining(
      data,
      {
        network,
        begin,
        tuning,
        fit: { ...fit, log: files.log, ...(calibration === undefined ? {} : { calibration }) },
        validation,
        files,
        line,
        origin: originOf(values),
        quiet,
        dashboard: dashboardTask(values),
      },
      terminal,
    );
    if (isStream) tellSkipped();
    return outcome;
  },
});

/** Says what the columns of the data become. */
function planOf({ name, source, train, test, skipped, remarks }: TrainingData, terminal: Terminal): Outcome {
  const spelling = commandSpelling(groups['CSV files:']);
  const plan: TablePlan = {
    data: name,
    rows: train.rows,
    skipped,
    testRows: test?.rows ?? null,
    inputs: train.features,
    outputs: train.outputs,
    sparse: !isDense(train),
    columns: source.schema === undefined ? null : plannedColumns(source.schema.columns),
    remarks: remarks.map((remark) => render(remark, spelling)),
  };
  return { document: plan, text: () => columnsText(plan, terminal) };
}

/** A stream is read once and its length is unknown, so it has one epoch and a constant rate. */
function streamValues(values: TrainValues): TrainValues {
  const isRated = values.learningRate !== undefined && values.decay === undefined;
  return { epochs: 1, ...values, ...(isRated ? { decay: { kind: 'constant' } } : {}) };
}

/** The values from the command line. The configuration file supplies those that the command line does not. */
async function withConfig(options: TrainValues & Values<typeof configSettings>): Promise<TrainValues> {
  const { config, ...given } = options;
  if (config === undefined) return given;
  const { data, images, labels, ...others } = await readConfigFile(config, configurable);
  const hasSource = [given.data, given.images, given.labels].some((value) => value !== undefined);
  return { ...others, ...(hasSource ? {} : { data, images, labels }), ...given } as TrainValues;
}

/** What the options decide about the network and its training. */
function decided(values: TrainValues, { isStream }: TrainingData): Given {
  const { layers: _, ...network } = networkOptions(values, []);
  const output = values.outputLayer;
  return {
    network: output === undefined ? network : { ...network, output },
    fit: fitOptions(isStream ? streamValues(values) : values, network),
    hidden: values.layers,
  };
}

/** Early stopping and calibration must not use the data that the network is tested on. */
function validationShare(values: TrainValues, { test, isStream }: TrainingData): number {
  if (isStream) {
    if (values.validation === undefined || values.validation === 0) return 0;
    throw new SparseTrainError(
      'INVALID_OPTION',
      '--validation sets rows aside, which is not possible with a stream; give --test instead',
    );
  }
  const isNeeded = values.patience !== undefined || values.calibration === 'validation';
  return values.validation ?? (test === undefined || isNeeded ? TRAIN_VALIDATION : 0);
}

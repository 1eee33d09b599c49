/** The options of a study's definition; check.ts checks what depends on several of them. */
import { invalidOption, SparseTrainError } from '../../base/errors.js';
import {
  anyOf,
  anyText,
  boolean,
  checkedBy,
  type Kind,
  listOf,
  number,
  oneOf,
  recordOf,
  seedKind,
  text,
  whole,
} from '../../base/options/kinds.js';
import {
  type CheckedOptions,
  checkOptions,
  type Option,
  type OptionsOf,
  objectOf,
  option,
  type VariantInput,
  type VariantOf,
  type Variants,
  variantOf,
  withoutDefaults,
} from '../../base/options/table.js';
import { READ_TABLE } from '../../formats/read.js';
import type { Condition, Parameter, ParameterValue } from '../space/parameter.js';
import type { Template } from '../template.js';

const positive = whole(1);
const FILE = 'the path of a file';
const share = number({ from: 0, to: 1 });

/** A value that JSON can hold. findForeign() has already refused typed arrays and lists with holes. */
const jsonValue: Kind<ParameterValue> = checkedBy('plain data, as JSON has it', (name, value) => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Number.isFinite(value)) return value as number;
  if (Array.isArray(value)) return value.map((item, i) => jsonValue.check(`${name}[${i}]`, item));
  if (isPlain(value)) return recordOf(jsonValue).check(name, value);
  throw invalidOption(name, 'plain data, as JSON has it', value);
});

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const template: Kind<Template> = recordOf(jsonValue);

/** An object for which its kind may stand alone: 'tpe' for { kind: 'tpe' }. */
function named<const V extends Variants>(variants: V): Kind<VariantOf<V>, keyof V | VariantInput<V>> {
  const word = oneOf(Object.keys(variants)) as Kind<keyof V & string>;
  const object = variantOf(variants, word);
  return checkedBy(word.expected, (name, value) =>
    object.check(name, typeof value === 'string' ? { kind: word.check(name, value) } : value),
  );
}

const when = option<Condition, Condition, { text: string }>(recordOf(jsonValue), {
  text: 'the parameter exists only where each of these parameters has this value, or one of these',
});
const log = option(boolean, { text: 'whether to search on a logarithmic scale (low must be above 0)' });

/** The parameters of a space, by their kind. */
export const PARAMETERS = {
  float: {
    low: option(number({}), { text: 'the least value', required: true }),
    high: option(number({}), { text: 'the largest value', required: true }),
    log,
    step: option(number({ above: 0 }), { text: 'only low, low + step and so on; not together with log' }),
    when,
  },
  int: {
    low: option(whole(Number.MIN_SAFE_INTEGER), { text: 'the least value', required: true }),
    high: option(whole(Number.MIN_SAFE_INTEGER), { text: 'the largest value', required: true }),
    log,
    step: option(positive, { text: 'only low, low + step and so on; not together with log' }),
    when,
  },
  categorical: {
    choices: option(listOf(jsonValue, { least: 1 }), {
      text: 'the values, which have no order',
      required: true,
    }),
    when,
  },
};

/** The samplers, by name. */
export const SAMPLERS = {
  grid: {},
  random: {},
  sobol: {},
  tpe: {
    /** Trials drawn at random before the first estimate; 10 by default. */
    startupTrials: option(positive, {
      text: 'trials drawn at random before the first estimate',
      default: 10,
    }),
    /** Points drawn from the better trials' density; the most promising one is used. 24 by default. */
    candidates: option(whole(1, 10_000), {
      text: "points drawn from the better trials' density, of which the most promising is used",
      default: 24,
    }),
    /** Whether parameters are drawn together instead of one by one; true by default. */
    multivariate: option(boolean, {
      text: 'whether parameters are drawn together instead of one by one',
      default: true,
    }),
  },
  nsga2: {
    /** Trials in a generation; 40 by default. */
    population: option(whole(4, 10_000), { text: 'trials in a generation', default: 40 }),
    /** The chance that a child mixes two parents instead of copying one; 0.9 by default. */
    crossover: option(share, {
      text: 'the chance that a child mixes two parents instead of copying one',
      default: 0.9,
    }),
    /** The chance that a parameter of a child is drawn again; 1 / parameters by default. */
    mutation: option(share, {
      text: 'the chance that a parameter of a child is drawn again',
      otherwise: '1 / the number of parameters',
    }),
  },
};

/** The pruners, by name. */
export const PRUNERS = {
  none: {},
  median: {
    /** Trials that must have ended before the first is stopped; 5 by default. */
    startupTrials: option(positive, { text: 'trials that must have ended before', default: 5 }),
    /** Epochs that every trial may train before it can be stopped; 0 by default. */
    warmupEpochs: option(whole(0), { text: 'epochs that every trial gets', default: 0 }),
  },
  asha: {
    /** Epochs of the first rung; 1 by default. */
    minEpochs: option(positive, { text: 'epochs of the first rung', default: 1 }),
    /** One in this many trials that reach a rung continues; 4 by default. */
    reduction: option(whole(2), {
      text: 'one in this many trials that reach a rung continues',
      default: 4,
    }),
  },
  hyperband: {
    /** Epochs of the first rung; 1 by default. */
    minEpochs: option(positive, { text: 'epochs of the first rung', default: 1 }),
    /** Epochs of a full run. */
    maxEpochs: option(positive, { text: 'epochs of a full run', required: true }),
    /** One in this many trials that reach a rung continues; 3 by default. */
    reduction: option(whole(2), {
      text: 'one in this many trials that reach a rung continues',
      default: 3,
    }),
  },
};

/** A measure to minimize or maximize. */
export const OBJECTIVE = {
  /** A measure of a training run ({@link TrialMeasure}), or any name if you call ask() and tell() yourself. */
  measure: option(text(), { text: 'a measure of a training run', required: true }),
  /** By default 'maximize' for accuracy and R², otherwise 'minimize'. */
  direction: option(oneOf(['maximize', 'minimize']), {
    text: 'whether larger or smaller values are better',
    otherwise: 'maximize for accuracy and R², otherwise minimize',
  }),
};

/** The path of a file. It may be sent to workers, who look for it in folders of their own. */
const fileKind = checkedBy<string>(FILE, (name, value) => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidOption(name, FILE, value);
});

const { labels: _labels, classes: _classes, ...columnOptions } = READ_TABLE;

/**
 * The options for the columns and rows of a file. They have no defaults here, so that a study's journal holds what its
 * author wrote; readTable() fills them in.
 */
const COLUMNS = withoutDefaults(columnOptions);

/** The data that trials learn from. */
export const DATA = {
  /** A data set by name, as `loadDataset()` knows it; or give `file`. */
  name: option(text(), { text: 'a data set by name', otherwise: 'file' }),
  /** A file of your own, or a folder of images, as `readTable()` reads it: CSV, JSON lines, Parquet, .npy and so on. */
  file: option(fileKind, { text: 'a file of your own, as readTable() reads it', otherwise: 'name' }),
  /** A second file like `file`, to test on: each trial is measured on it at its end. */
  test: option(fileKind, { text: 'a second file like it, to test on', otherwise: 'no test rows' }),
  /**
   * A folder with the files. By default it is the usual one for a data set; a `file` is looked for beside the study's
   * own file, or in the current folder if the study is an object. It does not make another study.
   */
  directory: option(text('<folder>', 'the path of a folder'), {
    text: 'a folder with its files',
    otherwise: 'the usual one; for file that of the study',
  }),
  ...COLUMNS,
  /** Use only this many rows from the beginning of the training part. */
  rows: option(positive, {
    text: 'only this many rows from the beginning of the training part',
    otherwise: 'all',
  }),
  /**
   * The data that trials are measured on: a share of the training rows that is set aside (0.1 by default; the same rows
   * for every trial), or 'test' for the test part.
   */
  validation: option(anyOf([oneOf(['test']), number({ above: 0, below: 1 })]), {
    text: 'what trials are measured on: the share of the training rows to set aside, or the test part',
    default: 0.1,
  }),
};

/** The data of a study, checked. */
export type StudyDataSource = CheckedOptions<typeof DATA>;

/** The hardware for which `clocks` are counted. */
export const HARDWARE_BUDGET = {
  multipliers: option(positive, { text: 'multipliers that there are', otherwise: 'as many as needed' }),
  memoryBits: option(positive, { text: 'bits of memory that there are', otherwise: 'as many as needed' }),
  memoryBlocks: option(positive, { text: 'blocks of memory that there are', otherwise: 'as many as needed' }),
  lutRams: option(positive, {
    text: 'small memories in logic that there are',
    otherwise: 'as many as needed',
  }),
  /** One of `DEVICES`, by name. */
  device: option(text('<name>'), { text: 'a device by name', otherwise: 'none' }),
};

/** Names of parameters: they follow a dollar sign in templates. */
const NAME = /^[A-Za-z_][\w.-]*$/;

const parameters = recordOf(variantOf(PARAMETERS, oneOf(['float', 'int', 'categorical'])));

const space = checkedBy('an object of parameters', (name, value) => {
  const checked = parameters.check(name, value);
  const wrong = Object.keys(checked).find((key) => !NAME.test(key));
  if (wrong === undefined) return checked as Readonly<Record<string, Parameter>>;
  throw new SparseTrainError('INVALID_OPTION', {
    option: `${name}.${wrong}`,
    says: `${name}.${wrong}: names of parameters are letters, digits, "_", "." and "-", a letter first`,
  });
});

export const samplerKind = named(SAMPLERS);
export const prunerKind = named(PRUNERS);

/**
 * Data by name, or a file with options for its columns.
 *
 * @param table - the options that are allowed: those of {@link DATA}, or fewer
 */
export function sourceOf<const T extends Record<'name' | 'file' | 'test', Option<string>>>(
  table: T,
): Kind<CheckedOptions<T>, string | OptionsOf<T>> {
  const object = objectOf(table);
  return checkedBy('the name of a data set, or an object', (name, value) => {
    const data = object.check(name, typeof value === 'string' ? { name: value } : value);
    refuseMixture(name, data);
    return data;
  });
}

/** Refuses data that are neither a named data set nor a file, or parts of both. */
function refuseMixture(path: string, data: Readonly<Record<string, unknown>>): void {
  const wrong = (at: string, says: string) => new SparseTrainError('INVALID_OPTION', { option: at, says });
  if (data.name === undefined && data.file === undefined)
    throw wrong(path, `${path} needs a name (of a data set) or a file (of your own)`);
  if (data.name === undefined) return;
  const other = ['file', 'test', ...Object.keys(COLUMNS)].find((key) => data[key] !== undefined);
  if (other === undefined) return;
  throw wrong(
    `${path}.${other}`,
    `${path}.${other} concerns a file of your own, but ${path}.name is the data set ${data.name}; leave one of them out`,
  );
}

const dataKind = sourceOf(DATA);

const budgetKind = objectOf(HARDWARE_BUDGET);

/** A study: the parameters, the objectives, and the method. */
export const STUDY = {
  /** A name for people; by default the file's name. */
  name: option(text(), { text: 'for people', otherwise: "the file's name" }),
  /** The number of trials; 100 by default. The study ends earlier if there are no more points to try. */
  trials: option(whole(1, 10_000_000), { text: 'trials in all', default: 100 }),
  /**
   * Trainings of each trial, with different seeds; 1 by default. The values of a trial are their means, and
   * `NAME.deviation` is the standard deviation of each measure of rows.
   */
  repeats: option(whole(1, 1000), {
    text: 'trainings of each trial, with different seeds: their means count',
    otherwise: '1',
  }),
  /** The seed of every draw: 0 to 2^53 - 1; 1 by default. Trial n trains with seed + n unless network.seed is given. */
  seed: option(seedKind, { text: 'decides every draw', default: 1 }),
  /** 'tpe' by default, or 'nsga2' with several objectives. */
  sampler: option(samplerKind, {
    text: 'how points of the space are chosen: a name, or an object with settings',
    otherwise: 'tpe; with several objectives nsga2',
  }),
  /** 'none' by default. */
  pruner: option(prunerKind, {
    text: 'when unpromising trials are stopped: a name, or an object with settings; needs one objective',
    otherwise: 'none',
  }),
  /** { measure: 'accuracy' } by default. */
  objectives: option(listOf(objectOf(OBJECTIVE), { least: 1 }), {
    text: 'measures to minimize or maximize',
    otherwise: 'accuracy',
  }),
  /** The parameters by name. */
  space: option(space, { text: 'the parameters by name', required: true }),
  /** Conditions such as 'edges <= 20000'. Points that break one are not tried. */
  constraints: option(listOf(anyText), {
    text: "such as 'edges <= 20000': points that break one are not tried",
    default: [],
  }),
  data: option(dataKind, { text: 'the data that trials learn from', otherwise: 'mnist' }),
  /**
   * Options of `Network` as JSON, with '$name' where a parameter's value goes. An option or item of a list whose
   * parameter does not exist in a trial is left out. In `layers`, 'inputs' and 'outputs' stand for the numbers that the
   * data need. Without it, the study is for ask() and tell() only.
   */
  network: option(template, {
    text: "options of Network, with '$name' where a parameter's value goes",
    otherwise: 'the study is for ask() and tell() only',
  }),
  /** Options of `network.fit()`, with '$name' in the same way. */
  fit: option(template, { text: 'options of network.fit() likewise', default: {} }),
  hardware: option(budgetKind, {
    text: 'the hardware that clocks are counted on',
    otherwise: 'as much as is needed',
  }),
};

/**
 * Checks the options of a study's definition one by one, and fills in their defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION: with the place in the definition, the value, what is allowed
 */
export function parseDefinition(definition: unknown): ParsedDefinition {
  const { pruner, objectives, data, hardware, repeats, ...parsed } = checkOptions(
    'a study',
    STUDY,
    definition,
  );
  return {
    ...parsed,
    // One training is the same as none of the option, also for a journal that is resumed.
    repeats: repeats === 1 ? undefined : repeats,
    pruner: pruner ?? prunerKind.check('pruner', 'none'),
    objectives: objectives ?? [{ measure: 'accuracy', direction: undefined }],
    data: data ?? dataKind.check('data', 'mnist'),
    hardware: hardware ?? budgetKind.check('hardware', {}),
  };
}

type Parsed = CheckedOptions<typeof STUDY>;
type Filled = 'pruner' | 'objectives' | 'data' | 'hardware';

/** A study's definition in which every name has become an object and every default is filled in. */
export type ParsedDefinition = Omit<Parsed, Filled> & {
  readonly [K in Filled]: Exclude<Parsed[K], undefined>;
};

/** A sampler with all of its settings. */
export type SamplerSettings = VariantOf<typeof SAMPLERS>;

/** A pruner with all of its settings. */
export type PrunerSettings = VariantOf<typeof PRUNERS>;

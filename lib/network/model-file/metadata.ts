import { describeValue } from '../../base/errors.js';
import { parseJson } from '../../base/json.js';
import { absentOr, checkStored, fieldsOf, formsOf, optional } from '../../base/options/fields.js';
import {
  anyText,
  checkedBy,
  listOf,
  nullable,
  number,
  oneOf,
  recordOf,
  whole,
} from '../../base/options/kinds.js';
import { clippedInputsKind } from '../../data/clipping.js';
import { type InputScaling, parseInputScaling, parseTargetScaling } from '../../data/scaling.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import { MAX_EDGES, MAX_NEURONS } from '../../engine/limits.js';
import { parseCsvSchema } from '../../formats/csv/schema.js';
import type { NetworkCore, TrainingSummary } from '../core.js';
import { inputUnitKind } from '../inputs.js';
import type { InterleaverPattern } from '../interleaver.js';
import { describeOptions, type NetworkOptions, type ResolvedOptions } from '../options.js';
import { invalidFile } from './safetensors.js';

/** The metadata's `format`. */
const FORMAT = 'sparse-train';

/** The value of `format` in the metadata of a file that holds a learner (lib/online). */
export const LEARNER_FORMAT = 'sparse-train-learner';

/** The metadata's `formatVersion`; readers refuse any other version. */
const FORMAT_VERSION = '1';

/** How the file stores a junction's pattern; 'custom' means that tensors hold its edges. */
export type StoredPattern =
  | { kind: 'tiled' | 'structured' | 'random'; edges: number }
  | (InterleaverPattern & { fanOut: number; parallelism: number })
  | 'dense'
  | 'custom';

/** The checked contents of the metadata. Each text is JSON unless it is a single word. */
export interface ModelMetadata {
  /** The options of the network, without its patterns. */
  readonly options: Omit<NetworkOptions, 'pattern'>;
  readonly patterns: readonly StoredPattern[];
  /** The SHA-256 of each junction's pattern. */
  readonly patternDigests: readonly string[];
  /** The state of the network that is neither an option nor a tensor. */
  readonly restore: (core: NetworkCore) => void;
  /** The digest of the whole network. */
  readonly digest: string;
}

/**
 * The texts in the metadata of a model file, in the network's state at the time of the call. Returns a function that
 * adds the digests, which take time to compute.
 */
export function modelMetadata(
  core: NetworkCore,
  patterns: readonly StoredPattern[],
): (patternDigests: readonly string[], digest: string) => Record<string, string> {
  const { arithmetic, scaling, classes: _, ...options } = describeOptions(core.options);
  const texts: Record<string, string | undefined> = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    options: JSON.stringify({
      ...options,
      pattern: patterns,
      scaling: typeof scaling === 'object' ? undefined : scaling,
      learningRate: core.learningRate,
    }),
    arithmetic: JSON.stringify(arithmetic),
    // In their place among the others.
    patternDigests: '',
    digest: '',
    scaling: optionalJson(core.reader.scaling),
    inputUnit: core.reader.unit,
    inputsPresented: String(core.engine.telemetry().inputs),
    clippedInputs: optionalJson(core.clippedInputs),
    targetScaling: optionalJson(core.targetScaling),
    classes: optionalJson(core.classes),
    schema: optionalJson(core.schema),
    provenance: JSON.stringify({
      package: 'sparse-train',
      version: engineVersion(),
      kernelSet: core.engine.kernelSet,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      date: new Date().toISOString(),
      training: core.summary,
    }),
  };
  const known = Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return (patternDigests, digest) => ({ ...known, patternDigests: JSON.stringify(patternDigests), digest });
}

function optionalJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/**
 * Reads the texts of a model file. The network's constructor checks the options later.
 *
 * @throws SparseTrainError INVALID_FILE
 */
export function parseMetadata(texts: ReadonlyMap<string, string>): ModelMetadata {
  if (texts.get('format') !== FORMAT) {
    throw invalidFile(
      texts.get('format') === LEARNER_FORMAT
        ? 'it holds a learner, not a network: inspect and stream --from read it on the command line, Learner.load() in a program'
        : 'it is a safetensors file, but not a model of sparse-train (its metadata has no such format)',
    );
  }
  const version = texts.get('formatVersion');
  if (version !== FORMAT_VERSION) {
    throw invalidFile(
      `its format version is ${describeValue(version)}, but this release reads only "${FORMAT_VERSION}"; update sparse-train`,
    );
  }
  const { pattern, ...options } = requiredRecord(texts, 'options');
  const layers = options.layers;
  if (!Array.isArray(layers) || layers.length < 2) throw invalidFile('its options have no layers');
  const digest = texts.get('digest');
  if (digest === undefined) throw invalidFile('its digest is missing');
  const scaling = json(texts, 'scaling');
  const parsedScaling = scaling === undefined ? undefined : parseInputScaling(scaling, layers[0] as number);
  const classes = json(texts, 'classes');
  return {
    options: {
      ...(options as unknown as NetworkOptions),
      arithmetic: requiredRecord(texts, 'arithmetic') as unknown as ResolvedOptions['arithmetic'],
      ...(classes === undefined ? {} : { classes: classes as string[] }),
      ...(options.scaling === undefined && parsedScaling !== undefined ? { scaling: parsedScaling } : {}),
    },
    patterns: parsePatterns(pattern, layers.length - 1),
    patternDigests: textList(requiredJson(texts, 'patternDigests'), 'patternDigests', layers.length - 1),
    restore: restorer(texts, parsedScaling, layers.at(-1) as number),
    digest,
  };
}

function restorer(
  texts: ReadonlyMap<string, string>,
  scaling: InputScaling | undefined,
  outputs: number,
): (core: NetworkCore) => void {
  const unit = checkStored(optional(inputUnitKind), texts.get('inputUnit'), 'its metadata: ', 'inputUnit');
  const targets = json(texts, 'targetScaling');
  const targetScaling = targets === undefined ? undefined : parseTargetScaling(targets, outputs);
  const schemaJson = json(texts, 'schema');
  const schema = schemaJson === undefined ? undefined : parseCsvSchema(schemaJson);
  const training = parseTraining(requiredRecord(texts, 'provenance').training);
  const inputs = parseInputs(texts);
  // Files of releases that did not store these counts have no such text.
  const clipped = checkStored(
    optional(clippedInputsKind),
    json(texts, 'clippedInputs'),
    'its metadata: ',
    'clippedInputs',
  );
  return (core) => {
    core.engine.setInputsPresented(inputs);
    core.setScaling(scaling, unit);
    core.clippedInputs = clipped;
    core.targetScaling = targetScaling;
    core.schema = schema;
    const { learned, ...fits } = training;
    core.training = fits;
    core.learned = learned;
  };
}

/** The number of inputs presented; 0 in files from releases that did not store it. */
function parseInputs(texts: ReadonlyMap<string, string>): number {
  const text = texts.get('inputsPresented') ?? '0';
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw invalidFile(`its inputsPresented is ${describeValue(text)}, but must be a whole number`);
}

const words = oneOf(['dense', 'custom']);

/** A pattern as {@link StoredPattern} has it; what else it holds is checked where options are. */
const patternKind = checkedBy<StoredPattern>('the name of a pattern or an object', (name, value) => {
  if (typeof value === 'string') return words.check(name, value);
  const sized = { edges: whole(0, MAX_EDGES) };
  const count = whole(1, MAX_NEURONS);
  const { kind, ...sizes } = formsOf('kind', {
    tiled: sized,
    structured: sized,
    random: sized,
    interleaver: { fanOut: count, parallelism: count },
  }).check(name, value);
  return (kind === 'interleaver' ? value : { kind, ...sizes }) as StoredPattern;
});

function parsePatterns(patterns: unknown, junctions: number): readonly StoredPattern[] {
  return checkStored(
    listOf(patternKind, { least: junctions, most: junctions }),
    patterns,
    'its options: ',
    'pattern',
  );
}

const measure = number({ from: 0 });

/** What the file says of the training. JSON has null for the NaN of training that diverged. */
const trainingKind = fieldsOf({
  epochs: measure,
  examples: measure,
  seconds: measure,
  // Files of releases that did not count learn() have no such number.
  learned: optional(measure),
  loss: absentOr(measure),
  validation: optional(recordOf(nullable(number({})))),
});

function parseTraining(json: unknown): TrainingSummary {
  const {
    learned = 0,
    loss,
    validation,
    ...rest
  } = checkStored(trainingKind, json, 'its metadata: ', 'provenance.training');
  const scores = Object.entries(validation ?? {}).filter(([, value]) => value !== null);
  return {
    ...rest,
    learned,
    loss,
    validation: validation === undefined ? undefined : (Object.fromEntries(scores) as Record<string, number>),
  };
}

function json(texts: ReadonlyMap<string, string>, name: string): unknown {
  const text = texts.get(name);
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    throw invalidFile(`its metadata "${name}" is not JSON (${(error as Error).message})`, error);
  }
}

function requiredJson(texts: ReadonlyMap<string, string>, name: string): unknown {
  const value = json(texts, name);
  if (value === undefined) throw invalidFile(`its metadata "${name}" is missing`);
  return value;
}

const plainRecord = fieldsOf({}, { others: 'kept' });

function requiredRecord(texts: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  return checkStored(plainRecord, requiredJson(texts, name), 'its metadata: ', name);
}

function textList(value: unknown, name: string, length: number): readonly string[] {
  return checkStored(listOf(anyText, { least: length, most: length }), value, 'its metadata: ', name);
}

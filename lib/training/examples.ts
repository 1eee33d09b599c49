/** Checks that examples fit a network, and takes from the first examples what the network does not know yet. */

import { describeValue, nearest, SparseTrainError } from '../base/errors.js';
import { literal, optionName, say } from '../base/wording.js';
import { CsrMatrix, type InputMatrix } from '../data/csr.js';
import {
  defaultScalingKind,
  fitInputScaling,
  fitTargetScaling,
  type InputScaling,
  type InputScalingKind,
  type TargetScaling,
} from '../data/scaling.js';
import { outputCount, type Targets } from '../data/targets.js';
import { inStandardFloatMode } from '../engine/float-mode.js';
import { type CsvSchema, csvFeatureNames } from '../formats/csv/schema.js';
import type { NetworkCore } from '../network/core.js';
import type { Output } from '../network/options.js';

/** Inputs with their targets: a Dataset, or a chunk of a stream. */
export interface Examples {
  readonly inputs: InputMatrix;
  readonly targets: Targets;
  /** Names of the columns, if there are any. */
  readonly featureNames?: readonly string[] | undefined;
}

/** Says what each output layer learns, for messages. */
const LEARNS: Readonly<Record<Output, string>> = {
  softmax: 'one class per example',
  sigmoid: 'any number of labels per example',
  linear: 'numbers',
};

const SUITS: Readonly<Record<Targets['kind'], Output>> = {
  classes: 'softmax',
  multilabel: 'sigmoid',
  values: 'linear',
};

const TEACHES: Readonly<Record<Targets['kind'], string>> = {
  classes: 'classes',
  multilabel: 'labels of 0 and 1',
  values: 'numbers',
};

/**
 * Checks that examples fit a network: features, kind of targets, number and names of outputs.
 *
 * @returns the names of the outputs
 * @throws SparseTrainError INVALID_DATA
 */
export function checkExamples(core: NetworkCore, examples: Examples): readonly string[] {
  const { inputs, targets, featureNames } = examples;
  if (inputs.columns !== core.inputs) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `the data has ${inputs.columns} features, but the network's first layer has ${core.inputs} neurons`,
    );
  }
  if (core.schema !== undefined && featureNames !== undefined) checkFeatureNames(core.schema, featureNames);
  const { output } = core.options;
  if (SUITS[targets.kind] !== output && !isYesOrNo(core, targets)) {
    throw new SparseTrainError(
      'INVALID_DATA',
      say`the network's output is ${literal(output)}, which learns ${LEARNS[output]}, but the data has ${TEACHES[targets.kind]}; make the network with ${optionName('output', SUITS[targets.kind])}`,
    );
  }
  return outputNames(core, targets);
}

/**
 * Refuses data whose columns have other names than those that the network was trained on, for example the same columns
 * in another order.
 */
function checkFeatureNames(schema: CsvSchema, names: readonly string[]): void {
  const known = csvFeatureNames(schema);
  const different = known.findIndex((name, i) => name !== names[i]);
  // Without a header, the names are column numbers.
  if (different === -1 || !schema.header || names.every((name) => /^column \d+$/.test(name))) return;
  const near = nearest(known[different] as string, names);
  throw new SparseTrainError(
    'INVALID_DATA',
    `input ${different + 1} of the network is ${describeValue(known[different])}, but of the data ` +
      `${describeValue(names[different])}${near === undefined ? '' : ` (is it ${describeValue(near)}?)`}; read the data ` +
      "with the network's schema (readRows(file, network.schema)), which finds columns by their names",
  );
}

/** One sigmoid can also learn two classes: its output is the probability of the second. */
function isYesOrNo(core: NetworkCore, targets: Targets): boolean {
  return core.isYesOrNo && targets.kind === 'classes';
}

function outputNames(core: NetworkCore, targets: Targets): readonly string[] {
  const { classes: known, outputs } = core;
  if (isYesOrNo(core, targets) && targets.kind === 'classes') {
    if (targets.classes.length !== 2)
      throw wrongCount(targets.classes.length, 'classes', 'yes or no (2 classes)');
    const name = targets.classes[1] as string;
    if (known !== undefined && known[0] !== name) throw otherNames(known[0] as string, name, 0);
    return [name];
  }
  const names = targets.kind === 'classes' ? targets.classes : targets.names;
  const count = outputCount(targets);
  // Labels without names may lack the last classes.
  const nameless = targets.kind === 'classes' && names.every((name, i) => name === String(i));
  if (count > outputs || (count < outputs && !nameless)) {
    const what =
      targets.kind === 'classes' ? 'classes' : targets.kind === 'values' ? 'values per example' : 'labels';
    throw wrongCount(count, what, `${outputs} neurons`);
  }
  if (known === undefined) return nameless ? Array.from({ length: outputs }, (_, i) => String(i)) : names;
  if (nameless || targets.kind !== 'classes') return known;
  const different = names.findIndex((name, i) => name !== known[i]);
  if (different >= 0) throw otherNames(known[different] as string, names[different] as string, different);
  return known;
}

function wrongCount(count: number, what: string, outputs: string): SparseTrainError {
  return new SparseTrainError(
    'INVALID_DATA',
    `the data has ${count} ${what}, but the network's last layer has ${outputs}`,
  );
}

function otherNames(known: string, name: string, index: number): SparseTrainError {
  return new SparseTrainError(
    'INVALID_DATA',
    `class ${index} is "${known}" to the network, but "${name}" in the data; give the data the network's classes ` +
      '(Dataset.from({ ..., classes: network.classes }))',
  );
}

/** The scaling of the inputs, if it is fixed; otherwise the kind of scaling to fit to them. */
function scalingFor(core: NetworkCore, inputs: InputMatrix): InputScaling | InputScalingKind {
  const { scaling: option } = core.options;
  return core.reader.scaling ?? (option === 'auto' ? defaultScalingKind(inputs) : option);
}

/** Whether a scaling has to be fitted before training, for which more examples are better. */
export function needsFitting(core: NetworkCore, inputs: InputMatrix): boolean {
  const scaling = scalingFor(core, inputs);
  if (typeof scaling === 'string' && scaling !== 'none') return true;
  return core.options.output === 'linear' && core.targetScaling === undefined;
}

/**
 * Fixes, unless they are fixed already, the names of the outputs and the scaling of inputs and targets.
 *
 * @throws SparseTrainError INVALID_DATA; the network then stays as it was
 */
export function adoptExamples(core: NetworkCore, examples: Examples): void {
  const names = checkExamples(core, examples);
  const { inputs, targets } = examples;
  const { scaling: known, unit } = core.reader;
  const wanted = scalingFor(core, inputs);
  const [scaling, targetScaling] = inStandardFloatMode((): [InputScaling, TargetScaling | undefined] => [
    typeof wanted === 'object' ? wanted : fitInputScaling(inputs, wanted),
    core.targetScaling ?? (targets.kind === 'values' ? fitTargetScaling(targets) : undefined),
  ]);
  const numbers = inputs instanceof CsrMatrix ? inputs.values : inputs.data;
  const integers = numbers instanceof Uint8Array || numbers instanceof Int16Array;
  if (known === undefined || unit === undefined)
    core.setScaling(scaling, unit ?? (integers ? '1/256' : 'number'));
  core.targetScaling = targetScaling;
  core.classes = names;
}

/** Converts targets to the engine's form. Copies them only if they have to be scaled or have another type. */
export function engineTargets(core: NetworkCore, targets: Targets): Int32Array | Uint8Array | Float64Array {
  switch (targets.kind) {
    case 'classes':
      return core.options.output === 'softmax' ? targets.labels : Uint8Array.from(targets.labels);
    case 'multilabel':
      return targets.data;
    case 'values':
      return core.targetScaling === undefined ? targets.data : scaleTargets(targets.data, core.targetScaling);
  }
}

function scaleTargets(values: Float64Array, { mean, sd }: TargetScaling): Float64Array {
  const outputs = mean.length;
  return values.map((value, i) => (value - (mean[i % outputs] as number)) / (sd[i % outputs] as number));
}

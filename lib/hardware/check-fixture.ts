/** Checks fixtures that a program made or changed. parseFixture() checks those from files. */

import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkArgument, closed, fieldsOf, optional } from '../base/options/fields.js';
import { anything, checkedBy, listOf, whole } from '../base/options/kinds.js';
import { checkInputArray, checkUsable } from '../data/matrix.js';
import { MAX_NEURONS } from '../engine/limits.js';
import { HARDWARE } from '../network/arithmetic.js';
import { type Fixture, fixtureDocument, parseFixture } from './fixture.js';

const neurons = whole(1, MAX_NEURONS);

const WIRING = {
  parallelism: anything,
  fanOut: optional(neurons),
  startVectors: anything,
  rowOrders: anything,
  memoryDither: anything,
  edges: anything,
};

const DESIGN = {
  layers: listOf(neurons),
  junctions: listOf(fieldsOf(WIRING, closed)),
  width: anything,
  integerBits: anything,
  tableFloor: HARDWARE.tableFloor.kind,
  activation: anything,
  cost: anything,
};

const arrays = listOf(
  checkedBy<ArrayLike<number>>('an array of numbers', (name, value) => {
    if (Array.isArray(value)) return listOf(anything).check(name, value) as readonly number[];
    if (!ArrayBuffer.isView(value) || value instanceof DataView)
      throw invalidOption(name, 'an array of numbers', value);
    checkUsable(value, name);
    return value as unknown as ArrayLike<number>;
  }),
);

const PARAMETERS = { weights: arrays, biases: arrays };

const inputsKind = checkedBy('a Uint8Array', (name, value) => {
  checkInputArray(value, name);
  if (!(value instanceof Uint8Array)) throw invalidOption(name, 'a Uint8Array', value);
  checkUsable(value, name);
  return value;
});

const FIXTURE = {
  design: fieldsOf(DESIGN, closed),
  etaShifts: listOf(anything),
  initial: fieldsOf(PARAMETERS, closed),
  inputs: inputsKind,
  labels: listOf(anything),
  expected: fieldsOf({ ...PARAMETERS, outputs: anything }, closed),
};

/**
 * Checks the form of a fixture, and every number by the rules for fixture files.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkFixture(fixture: Fixture): Fixture {
  const checked = checkArgument('fixture', FIXTURE, fixture, 'fixture.');
  const { etaShifts, labels } = checked;
  if (etaShifts.length !== labels.length)
    throw invalidOption('fixture.etaShifts', `an array of ${labels.length}, one for each label`, etaShifts);
  const document = fixtureDocument(checked as unknown as Fixture, 'memory');
  try {
    return parseFixture(document);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError('INVALID_OPTION', `the fixture is not usable: ${error.message}`, {
      cause: error,
    });
  }
}

/** Checks fixtures that a program made or changed, and that parseFixture() did not read. */

import { invalidOption, SparseTrainError } from '../base/errors.js';
import { checkWhole } from '../base/options/checks.js';
import { checkOptionNames } from '../base/options/names.js';
import { checkInputArray, checkUsable } from '../data/matrix.js';
import { MAX_NEURONS } from '../engine/limits.js';
import type { HardwareParameters, JunctionWiring } from './design.js';
import { type Fixture, fixtureDocument, parseFixture } from './fixture.js';

/**
 * Checks the shape of a fixture, and every number by the rules for fixture files.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkFixture(fixture: Fixture): Fixture {
  checkOptionNames('fixture', fixture, ['design', 'etaShifts', 'initial', 'inputs', 'labels', 'expected']);
  const { design, etaShifts, initial, inputs, labels, expected } = fixture;
  checkOptionNames('fixture.design', design, [
    ...['layers', 'junctions', 'width', 'integerBits', 'tableFloor', 'activation', 'cost'],
  ]);
  const shape = { ...design };
  for (const [i, neurons] of checkList('fixture.design.layers', shape.layers).entries())
    checkWhole(`fixture.design.layers[${i}]`, neurons, 1, MAX_NEURONS);
  checkWhole('fixture.design.tableFloor', shape.tableFloor, 0, 1);
  const junctions = [...checkList('fixture.design.junctions', shape.junctions)];
  for (const [i, wiring] of junctions.entries()) {
    checkOptionNames(`fixture.design.junctions[${i}]`, wiring, [
      ...['parallelism', 'fanOut', 'startVectors', 'rowOrders', 'memoryDither', 'edges'],
    ]);
    const { fanOut } = wiring as JunctionWiring;
    if (fanOut !== undefined) checkWhole(`fixture.design.junctions[${i}].fanOut`, fanOut, 1, MAX_NEURONS);
  }
  checkList('fixture.labels', labels);
  if (checkList('fixture.etaShifts', etaShifts).length !== labels.length)
    throw invalidOption('fixture.etaShifts', `an array of ${labels.length}, one for each label`, etaShifts);
  checkInputArray(inputs, 'fixture.inputs');
  if (!(inputs instanceof Uint8Array)) throw invalidOption('fixture.inputs', 'a Uint8Array', inputs);
  checkUsable(inputs, 'fixture.inputs');
  checkOptionNames('fixture.expected', expected, ['weights', 'biases', 'outputs']);
  const document = fixtureDocument(
    {
      design: { ...shape, junctions: junctions.map((wiring) => ({ ...(wiring as JunctionWiring) })) },
      etaShifts,
      initial: checkParameters('fixture.initial', initial),
      inputs,
      labels,
      expected: { ...checkParameters('fixture.expected', expected), outputs: expected.outputs },
    },
    'memory',
  );
  try {
    return parseFixture(document);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    throw new SparseTrainError('INVALID_OPTION', `the fixture is not usable: ${error.message}`, {
      cause: error,
    });
  }
}

function checkParameters(name: string, parameters: HardwareParameters): HardwareParameters {
  checkOptionNames(name, parameters, [
    'weights',
    'biases',
    ...(name.endsWith('expected') ? ['outputs'] : []),
  ]);
  const { weights, biases } = parameters;
  return {
    weights: checkArrays(`${name}.weights`, weights),
    biases: checkArrays(`${name}.biases`, biases),
  };
}

function checkArrays(name: string, arrays: unknown): ArrayLike<number>[] {
  return Array.from(checkList(name, arrays), (values, i) => {
    if (Array.isArray(values)) return checkList(`${name}[${i}]`, values) as number[];
    if (!ArrayBuffer.isView(values) || values instanceof DataView)
      throw invalidOption(`${name}[${i}]`, 'an array of numbers', values);
    checkUsable(values, `${name}[${i}]`);
    return values as unknown as ArrayLike<number>;
  });
}

/** Refuses a sparse array. It could claim thousands of millions of entries. */
function checkList(name: string, list: unknown): readonly unknown[] {
  if (!Array.isArray(list)) throw invalidOption(name, 'an array', list);
  for (let i = 0; i < list.length; i++)
    if (!(i in list)) throw invalidOption(`${name}[${i}]`, 'there; lists have no holes', undefined);
  return list;
}

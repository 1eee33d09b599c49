import { describe, expect, it } from 'vitest';
import { checkArgument, checkStored, fieldsOf, formsOf, optional } from '../../lib/base/options/fields.js';
import {
  anyText,
  anything,
  listOf,
  nullable,
  number,
  recordOf,
  textUpTo,
  whole,
} from '../../lib/base/options/kinds.js';

const anyNumber = number({});

const line = fieldsOf({
  run: anyText,
  epoch: optional(anyNumber),
  layers: listOf(whole(0), { least: 2 }),
  loss: nullable(anyNumber),
});

const check = (value: unknown) => checkStored(line, value, 'line 3: ');

describe('fields of stored JSON', () => {
  it('are kept, and others only where the object is open', () => {
    const value = { run: 'a', layers: [2, 3], loss: null, more: 1 };
    expect(check(value)).toEqual({ run: 'a', layers: [2, 3], loss: null });
    expect(fieldsOf({ run: anyText }, { others: 'kept' }).check('', value)).toEqual(value);
    const closed = fieldsOf({ run: anyText }, { others: 'refused' });
    expect(() => closed.check('line', value)).toThrow('unknown name in line: "layers"; known: run');
  });

  it.each([
    [{ layers: [1, 2], loss: 0 }, 'run must be a text, but it is undefined'],
    [{ run: 'a', layers: [1], loss: 0 }, 'layers must be a list of at least 2, but it is an array of 1'],
    [
      { run: 'a', layers: [1, -1], loss: 0 },
      'layers[1] must be a whole number from 0 to 2^53 - 1, but it is -1',
    ],
    [{ run: 'a', layers: [1, 1.5], loss: 0 }, 'layers[1] must be a whole number'],
    [{ run: 'a', layers: [1, 2] }, 'loss must be a number or null'],
    [{ run: 'a', layers: [1, 2], loss: 1, epoch: null }, 'epoch must be a number, but it is null'],
    [[], 'the value must be an object, but it is an array of 0'],
  ])('are an error of the file where %j has others', (value, message) => {
    expect(() => check(value)).toThrow(
      expect.objectContaining({
        code: 'INVALID_FILE',
        message: expect.stringContaining(`line 3: ${message}`),
      }),
    );
  });

  it('have forms, which a field names', () => {
    const either = formsOf('kind', { a: { x: anyNumber }, b: { y: recordOf(textUpTo(2)) } });
    expect(either.check('', { kind: 'b', y: { z: 'ok' }, more: 1 })).toEqual({ kind: 'b', y: { z: 'ok' } });
    expect(() => either.check('', { kind: 'b', y: { z: 'long' } })).toThrow(
      'y.z must be a text of at most 2',
    );
    expect(() => either.check('', { kind: 'c' })).toThrow("kind must be one of 'a', 'b'");
    expect(() => either.check('', { kind: 'constructor' })).toThrow("kind must be one of 'a', 'b'");
  });
});

describe('an argument', () => {
  const fields = { left: whole(1, 4), budget: fieldsOf({ bits: whole(0) }, { others: 'refused' }) };

  it('has no fields but its own, at any depth, and each value is read once', () => {
    let reads = 0;
    const argument = {
      get left() {
        reads++;
        return 1;
      },
      budget: { bits: 0 },
    };
    expect(checkArgument('plan', fields, argument)).toEqual({ left: 1, budget: { bits: 0 } });
    expect(reads).toBe(1);
    expect(() => checkArgument('plan', fields, { left: 1, budget: { bits: 0 }, lfet: 2 })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', advice: 'did you mean "left"?' }),
    );
    expect(() => checkArgument('plan', fields, { left: 1, budget: { bit: 0 } })).toThrow(
      'unknown name in budget: "bit"; did you mean "bits"?',
    );
    expect(() => checkArgument('plan', fields, { left: 5, budget: { bits: 0 } })).toThrow(
      'left must be a whole number from 1 to 4, but it is 5',
    );
  });
});

describe('a list', () => {
  it('has no holes, however many items it claims', () => {
    expect(() => listOf(anything).check('labels', new Array(2 ** 32 - 1))).toThrow(
      'labels[0] must be a value, but it is undefined; a list has no holes',
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  anyNumber,
  anyText,
  closedObjectOf,
  listOf,
  nullable,
  objectOf,
  oneOf,
  openObjectOf,
  optional,
  recordOf,
  textUpTo,
  variants,
  wholeNumber,
} from '../../lib/base/stored-json.js';

const line = objectOf({
  run: anyText,
  epoch: optional(anyNumber),
  layers: listOf(wholeNumber, 2),
  loss: nullable(anyNumber),
});

describe('the shape of stored JSON', () => {
  it('keeps known fields, and others only where it is open', () => {
    const value = { run: 'a', layers: [2, 3], loss: null, more: 1 };
    expect(line(value, '')).toEqual({ run: 'a', layers: [2, 3], loss: null });
    expect(openObjectOf({ run: anyText })(value, '')).toEqual(value);
    expect(() => closedObjectOf({ run: anyText })(value, '')).toThrow('"layers" should be absent');
  });

  it.each([
    [{ layers: [1, 2], loss: 0 }, '"run" should be a text'],
    [{ run: 'a', layers: [1], loss: 0 }, '"layers" should be a list of at least 2'],
    [{ run: 'a', layers: [1, -1], loss: 0 }, '"layers.1" should be a whole number'],
    [{ run: 'a', layers: [1, 1.5], loss: 0 }, '"layers.1" should be a whole number'],
    [{ run: 'a', layers: [1, 2] }, '"loss" should be a number'],
    [{ run: 'a', layers: [1, 2], loss: 1, epoch: null }, '"epoch" should be a number'],
    [[], '"" should be an object'],
  ])('says where %j has another one', (value, message) => {
    expect(() => line(value, '')).toThrow(message);
  });

  it('has variants, which a field names', () => {
    const either = variants('kind', {
      a: objectOf({ kind: oneOf('a'), x: anyNumber }),
      b: objectOf({ kind: oneOf('b'), y: recordOf(textUpTo(2)) }),
    });
    expect(either({ kind: 'b', y: { z: 'ok' } }, '')).toEqual({ kind: 'b', y: { z: 'ok' } });
    expect(() => either({ kind: 'b', y: { z: 'long' } }, '')).toThrow('"y.z" should be a text of at most 2');
    expect(() => either({ kind: 'c' }, '')).toThrow('"kind" should be one of a, b');
    expect(() => either({ kind: 'constructor' }, '')).toThrow('"kind" should be one of a, b');
  });
});

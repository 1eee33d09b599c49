import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../lib/base/json.js';

const nested = (depth: number, inner = '1') => '['.repeat(depth) + inner + ']'.repeat(depth);

describe('JSON of others', () => {
  it('is read as JSON.parse() reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('may be nested 100 deep and no deeper, in lists and objects', () => {
    expect(parseJson(nested(100))).toEqual(JSON.parse(nested(100)));
    const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(parseJson(objects(100))).toEqual(JSON.parse(objects(100)));
    for (const text of [nested(101), objects(101), `{"a":[${nested(99)}]}`])
      expect(() => parseJson(text)).toThrow('nested more than 100 deep');
  });

  it('counts no brackets in texts, and none that are closed', () => {
    const texts = [
      JSON.stringify('['.repeat(1000)),
      JSON.stringify(['\\', `"${'{'.repeat(500)}`]),
      `[${Array(500).fill('[[],{}]').join()}]`,
      nested(100, JSON.stringify('[\\"[')),
    ];
    for (const text of texts) expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('that is not JSON gives the error of JSON.parse()', () => {
    for (const text of ['', '{', `["${'['.repeat(200)}`, '"\\'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('is refused before it is parsed: ten million brackets take no additional memory', () => {
    const before = process.memoryUsage().heapUsed;
    expect(() => parseJson('['.repeat(10_000_000))).toThrow('nested');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 2 ** 20);
  });
});

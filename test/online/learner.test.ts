import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { temporaryPath } from '../../lib/base/files/temporary.js';
import { Random } from '../../lib/base/random.js';
import { kernelSets, withKernelSet } from '../../lib/engine/kernel-sets.js';
import { Learner, SparseTrainError } from '../../lib/index.js';

type Row = Record<string, unknown>;

/** Rows with a number, a level, a text, a list of words, a date and gaps, and a class that depends on them. */
function mixedRows(count: number, seed = 1): { rows: Row[]; classes: string[] } {
  const random = new Random(seed);
  const rows: Row[] = [];
  const classes: string[] = [];
  for (let i = 0; i < count; i++) {
    const size = random.below(1000) / 10;
    const zone = ['north', 'south', 'east'][random.below(3)] as string;
    const good = random.below(2) === 1;
    const row: Row = {
      size,
      zone,
      note: good ? 'a very good house' : 'small and dark',
      tags: [`t${random.below(4)}`, 'all'],
      at: new Date(1.7e12 + i * 3_600_000),
      place: { x: random.below(7), y: random.below(2) === 1 },
    };
    if (random.below(5) === 0) delete row.size;
    if (random.below(5) === 0) row.zone = null;
    rows.push(row);
    classes.push(good && size > 30 ? 'sold' : zone === 'east' ? 'kept' : 'offered');
  }
  return { rows, classes };
}

function learnAll(learner: Learner, rows: readonly Row[], classes: readonly string[]): Learner {
  for (const [i, row] of rows.entries()) learner.learn(row, classes[i] as string);
  return learner;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'learner-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a learner', () => {
  it('learns from its first row on', () => {
    const learner = new Learner();
    expect(learner.predict({ price: 3 })).toMatchObject({ class: undefined, probability: 0 });
    expect(learner.learn({ price: 3, zone: 'B' }, 'up')).toMatchObject({ predicted: undefined });
    expect(learner.predict({ price: 4, zone: 'B' })).toEqual({
      class: 'up',
      probability: 1,
      probabilities: { up: 1 },
    });
    expect(learner.learn({ price: 3, zone: 'B' }, 'down')).toMatchObject({ predicted: 'up' });
    expect(learner.rows).toBe(2);
  });

  it('learns what numbers, levels, words and gaps say', () => {
    const { rows, classes } = mixedRows(3000);
    const learner = learnAll(new Learner(), rows, classes);
    expect(learner.metrics().window.accuracy).toBeGreaterThan(0.9);
  });

  it('predicts what learn() says that it predicted', () => {
    const { rows, classes } = mixedRows(400);
    const learner = new Learner();
    for (const [i, row] of rows.entries()) {
      const before = learner.predict(row);
      const { predicted, loss } = learner.learn(row, classes[i] as string);
      expect(predicted).toBe(before.class);
      const given = before.probabilities[classes[i] as string] ?? 0;
      expect(loss).toBeCloseTo(-Math.log(Math.max(2 ** -14, given)), 12);
    }
  });

  it('does not change by predicting', () => {
    const { rows, classes } = mixedRows(200);
    const learner = learnAll(new Learner(), rows, classes);
    const digest = learner.digest();
    learner.predict({ unheard: 'of', size: 1e300, place: { z: 4 } });
    expect(learner.digest()).toBe(digest);
    expect(learner.inspect().columns.map(({ name }) => name)).not.toContain('unheard');
  });

  it('learns a number of any size and place', () => {
    const random = new Random(5);
    const learner = new Learner({ target: 'number' });
    for (let i = 0; i < 4000; i++) {
      const x = random.below(1000) / 1000;
      const z = random.below(1000) * 1e6;
      learner.learn({ x, z }, 20_000 + 5000 * x * x + z / 1e6);
    }
    expect(learner.metrics().window.r2).toBeGreaterThan(0.97);
  });

  it('learns several targets at once, where some may be missing', () => {
    const learner = new Learner({ target: ['class', 'number'] });
    for (let i = 0; i < 1000; i++) {
      learner.learn({ x: i % 10 }, [i % 10 > 4 ? 'high' : 'low', i % 3 === 0 ? undefined : 3 * (i % 10)]);
    }
    const [first, second] = learner.metrics();
    expect(first.window.accuracy).toBeGreaterThan(0.95);
    expect(second.rows).toBe(665);
    const { targets } = learner.predict({ x: 9 });
    expect(targets[0].class).toBe('high');
    expect(targets[1].value).toBeGreaterThan(20);
  });

  it('has the types of its rows and targets', () => {
    interface Trade {
      price: number;
      zone?: string;
    }
    const learner = new Learner<Trade, ['class', 'number']>({ target: ['class', 'number'] });
    learner.learn({ price: 3, zone: 'B' }, ['up', 2]);
    const { targets } = learner.predict({ price: 3 });
    expectTypeOf(targets[0].class).toEqualTypeOf<string | undefined>();
    expectTypeOf(targets[1].value).toEqualTypeOf<number | undefined>();
    expectTypeOf(learner.metrics()[1].rmse).toEqualTypeOf<number>();
    // @ts-expect-error A trade has no such field.
    learner.predict({ prise: 3 });
    // @ts-expect-error There are two targets.
    expect(() => learner.learn({ price: 3 }, 'up')).toThrow(/an array with 2 values/);
    expect(learner.rows).toBe(1);
  });

  it('is not thrown off by one wild value in a thousand', () => {
    const random = new Random(9);
    const learner = new Learner();
    for (let i = 0; i < 5000; i++) {
      const x = random.below(1000) / 1000;
      learner.learn({ x: i % 1000 === 500 ? 1e9 : x }, x > 0.5 ? 'yes' : 'no');
    }
    expect(learner.metrics().window.accuracy).toBeGreaterThan(0.95);
  });
});

describe('the digest of a learner', () => {
  it('is the same whatever the order of a row’s fields', () => {
    const { rows, classes } = mixedRows(500);
    const turned = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()));
    expect(learnAll(new Learner(), turned, classes).digest()).toBe(
      learnAll(new Learner(), rows, classes).digest(),
    );
  });

  it('is the same however the fields of each row are ordered, nested and left out', () => {
    const { rows, classes } = mixedRows(120);
    const gaps = [undefined, null, Number.NaN, '', ' ', [], {}];
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 119 }), (seed, appears) => {
        const random = new Random(seed >>> 0);
        // Two columns appear in the middle of the stream: absent before in one learner, empty in the other.
        const plain = rows.map((row, i) => (i < appears ? row : { ...row, late: i % 7, kind: `k${i % 3}` }));
        const other = plain.map((row, i) => {
          const { place, ...rest } = row as { place: Row };
          const dotted = random.below(2) === 1 ? { 'place.x': place.x, 'place.y': place.y } : { place };
          const fields = Object.entries({ ...rest, ...dotted });
          if (i < appears) fields.push(['late', gaps[i % 7]], ['kind', gaps[(i + 1) % 7]]);
          for (let k = fields.length - 1; k > 0; k--) {
            const at = random.below(k + 1);
            [fields[k], fields[at]] = [fields[at], fields[k]] as [[string, unknown], [string, unknown]];
          }
          return Object.fromEntries(fields);
        });
        const learner = new Learner();
        for (const [i, row] of other.entries()) {
          // Names that have only been asked for leave nothing behind.
          learner.predict({ [`asked${i}`]: i, zone: `only asked ${i}`, tags: [`asked${i}`] });
          learner.learn(row, classes[i] as string);
        }
        expect(learner.digest()).toBe(learnAll(new Learner(), plain, classes).digest());
      }),
      { numRuns: 6 },
    );
  });

  it('is the same in whatever order tens of thousands of names get their weights', () => {
    const learnedBy = (order: (words: string[]) => string[]) => {
      const learner = new Learner();
      const rows = Array.from({ length: 70 }, (_, i) => ({
        // The names of earlier rows come again, so that their weights are not those of one row.
        w: order(Array.from({ length: 600 }, (_, k) => `w${500 * i + k}`)),
      }));
      learner.learnMany(
        rows,
        rows.map((_, i) => (i % 2 ? 'a' : 'b')),
      );
      expect(learner.inspect().names).toBe(35_100);
      return learner.digest();
    };
    expect(learnedBy((words) => words.reverse())).toBe(learnedBy((words) => words));
  });

  it('is the same if a row repeats a word', () => {
    const learnedBy = (repeat: (words: string[]) => string[]) => {
      const learner = new Learner();
      for (let i = 0; i < 40; i++)
        learner.learn({ w: repeat([`w${i}`, `v${i % 3}`, 'all']) }, i % 2 ? 'a' : 'b');
      return learner.digest();
    };
    expect(learnedBy((words) => [...words, ...words, words[0] as string])).toBe(learnedBy((words) => words));
  });

  it('is the same one by one and in many', () => {
    const { rows, classes } = mixedRows(700);
    const one = learnAll(new Learner(), rows, classes);
    const many = new Learner();
    const learned = many.learnMany(rows, classes);
    expect(many.digest()).toBe(one.digest());
    expect(many.metrics()).toEqual(one.metrics());
    expect(learned).toHaveLength(700);
  });

  it('is the same on every kernel set', () => {
    const { rows, classes } = mixedRows(500);
    const digests = kernelSets().map((name) =>
      withKernelSet(name, () => learnAll(new Learner(), rows, classes).digest()),
    );
    expect(new Set(digests).size).toBe(1);
  });

  it('depends on seed, rows and their order', () => {
    const { rows, classes } = mixedRows(50);
    const digest = learnAll(new Learner(), rows, classes).digest();
    expect(learnAll(new Learner({ seed: 2 }), rows, classes).digest()).not.toBe(digest);
    expect(learnAll(new Learner(), rows.slice(1), classes.slice(1)).digest()).not.toBe(digest);
    expect(learnAll(new Learner(), [...rows].reverse(), [...classes].reverse()).digest()).not.toBe(digest);
  });
});

describe('a saved learner', () => {
  it('keeps its number of hidden neurons', async () => {
    const { rows, classes } = mixedRows(120);
    const file = join(folder, 'wide.safetensors');
    const wide = learnAll(new Learner({ hidden: 128 }), rows.slice(0, 60), classes.slice(0, 60));
    expect(wide.inspect().bytes).toBe((wide.inspect().names + 1) * 128 * 6);
    await wide.save(file);
    const loaded = learnAll(await Learner.load(file), rows.slice(60), classes.slice(60));
    expect(loaded.digest()).toBe(learnAll(wide, rows.slice(60), classes.slice(60)).digest());
    expect(loaded.digest()).not.toBe(learnAll(new Learner(), rows, classes).digest());
  });

  it('continues with the same bits, wherever it was saved', async () => {
    const { rows, classes } = mixedRows(1500);
    const whole = learnAll(new Learner({ onDrift: 'faster', window: 100 }), rows, classes);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1499 }), async (at) => {
        const file = join(folder, 'learner.safetensors');
        const first = new Learner({ onDrift: 'faster', window: 100 });
        await learnAll(first, rows.slice(0, at), classes.slice(0, at)).save(file);
        const second = await Learner.load(file);
        expect(second.digest()).toBe(first.digest());
        learnAll(second, rows.slice(at), classes.slice(at));
        expect(second.digest()).toBe(whole.digest());
        expect(second.metrics()).toEqual(whole.metrics());
      }),
      { numRuns: 5 },
    );
  });

  it('learns the truth of a prediction that was made before', async () => {
    const { rows, classes } = mixedRows(300);
    const file = join(folder, 'ticket.safetensors');
    const learner = learnAll(new Learner(), rows, classes);
    const { ticket, class: predicted } = learner.predict(rows[0] as Row);
    await learner.save(file);
    const later = await Learner.load(file);
    expect(later.learn(ticket, 'kept').predicted).toBe(predicted);
    expect(later.rows).toBe(301);
    const direct = learner.predict(rows[0] as Row);
    expect(learner.learn(direct, 'kept').predicted).toBe(predicted);
    expect(learner.digest()).toBe(later.digest());
  });

  it('leaves no temporary files of a killed save behind once it is loaded', async () => {
    const file = join(folder, 'killed.safetensors');
    const left = temporaryPath(file).replace(`-${process.pid}-`, '-999999999-');
    await learnAll(new Learner(), [{ a: 1 }], ['x']).save(file);
    await writeFile(left, 'half');
    await Learner.load(file);
    expect((await readdir(folder)).filter((name) => name.includes('killed'))).toEqual(['killed.safetensors']);
  });

  it('is refused with the reason where it is something else', async () => {
    await expect(Learner.load(folder)).rejects.toThrow(/cannot be read: it is a folder/);
    await expect(Learner.load(join(folder, 'none'))).rejects.toThrow(/there is no file/);
    const file = join(folder, 'text.safetensors');
    await writeFile(file, 'price,zone,class\n1,2,3\n');
    await expect(Learner.load(file)).rejects.toThrow(/is not a usable learner: it is a text/);
  });

  it('is refused where its contents are damaged', async () => {
    const { rows, classes } = mixedRows(60);
    const file = join(folder, 'damaged.safetensors');
    await learnAll(new Learner(), rows, classes).save(file);
    const bytes = await readFile(file);
    const random = new Random(3);
    let refused = 0;
    for (let i = 0; i < 150; i++) {
      const copy = Buffer.from(bytes);
      for (let k = 0; k < 8; k++) copy[random.below(copy.length)] = random.below(256);
      await writeFile(file, i % 3 === 0 ? copy.subarray(0, random.below(copy.length)) : copy);
      try {
        const learner = await Learner.load(file);
        // A damaged file that still is a learner must not end the process.
        learner.learn(rows[0] as Row, 'sold');
      } catch (error) {
        expect(error).toBeInstanceOf(SparseTrainError);
        expect((error as SparseTrainError).code).toBe('INVALID_FILE');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(60);
  });
});

describe('rows that nobody expects', () => {
  it.each<[string, unknown, RegExp]>([
    ['a number', 3, /a row must be an object/],
    ['nothing', null, /a row must be an object/],
    ['a Map', new Map([['a', 1]]), /a row must be an object.* but it is an object \(Map\)/],
    ['a Promise', Promise.resolve({ a: 1 }), /an object \(Promise\)/],
    ['a function in a field', { a: { b: () => 1 } }, /field "a\.b" is a function/],
    ['words and numbers in one list', { a: ['x', 1] }, /field "a\[1\]" is 1; the list holds words/],
    ['objects in each other without end', JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`), /deep/],
    [
      'a text that never ends',
      { a: Array.from({ length: 20_000 }, (_, i) => `w${i}`) },
      /too many values and words/,
    ],
  ])('refuses %s, and learns nothing of it', (_, row, message) => {
    const learner = learnAll(new Learner(), [{ a: 1 }], ['x']);
    const digest = learner.digest();
    expect(() => learner.learn(row as Row, 'x')).toThrow(message);
    expect(learner.digest()).toBe(digest);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['NaN', Number.NaN],
    ['an object', {}],
  ])('refuses %s as a class', (_, truth) => {
    const learner = learnAll(new Learner(), [{ a: 1 }], ['x']);
    const digest = learner.digest();
    expect(() => learner.learn({ a: 2, b: 'new' }, truth as string)).toThrow(/name of a class/);
    expect(learner.digest()).toBe(digest);
  });

  it('takes names of JavaScript’s own for names', () => {
    const learner = new Learner();
    const row = JSON.parse(
      '{"__proto__": 1, "constructor": "x", "hasOwnProperty": 3, "toString": "y"}',
    ) as Row;
    learner.learn(row, '__proto__');
    learner.learn({ constructor: 'z' }, 'constructor');
    expect(Object.keys(learner.predict(row).probabilities)).toEqual(['__proto__', 'constructor']);
  });

  it('takes infinities and huge numbers without harm', () => {
    const values = [Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324];
    const learner = new Learner();
    for (let i = 0; i < 900; i++) learner.learn({ wild: values[i % 6], b: i % 2 }, i % 2 ? 'p' : 'q');
    expect(learner.metrics().window.accuracy).toBeGreaterThan(0.9);
  });

  it('gives weights to no more names than it may', () => {
    const learner = new Learner({ maxNames: 100 });
    for (let i = 0; i < 1000; i++) learner.learn({ user: `u${i}`, x: i % 2 }, i % 2 ? 'a' : 'b');
    expect(learner.inspect().names).toBeLessThan(100);
    expect(learner.inspect().ignoredNames).toBeGreaterThan(800);
    expect(learner.metrics().accuracy).toBeGreaterThan(0.9);
  });

  it('refuses numbers that have been rounded to the names of others', () => {
    const learner = new Learner({ schema: { id: 'category' } });
    const rounded = 2 ** 53 + 2;
    expect(() => learner.learn({ a: 1 }, rounded)).toThrow('give the class as a text or a BigInt');
    expect(() => learner.learn({ id: rounded }, 'x')).toThrow('give the category as a text or a BigInt');
    expect(learner.rows).toBe(0);
    for (const id of [`${2n ** 53n + 1n}`, 2n ** 53n + 2n]) learner.learn({ id, a: rounded }, id);
    expect(learner.inspect()).toMatchObject({ classes: [['9007199254740993', '9007199254740994']] });
  });

  it('reads texts in a column of numbers as the numbers that they spell', () => {
    const learnedBy = (n: unknown) => {
      const learner = new Learner({ schema: { n: 'number' } });
      learner.learn({ n: 3, z: 1 }, 'a');
      learner.learn({ n, z: 2 }, 'b');
      return learner.digest();
    };
    expect(learnedBy(' 1e3 ')).toBe(learnedBy(1000));
    for (const blank of ['', ' ', null]) expect(learnedBy(blank)).toBe(learnedBy(undefined));
    for (const text of ['0x10', '1_000', '1,5', '１', 'Infinity', 'x', [1], []])
      expect(() => learnedBy(text)).toThrow('its column holds numbers');
  });

  it('refuses one class too many, and says what to do', () => {
    const learner = new Learner({ maxClasses: 3 });
    for (const name of ['a', 'b', 'c']) learner.learn({ x: 1 }, name);
    expect(() => learner.learn({ x: 1 }, 7)).toThrow(/"7" would be class number 4.*target: 'number'/);
    expect(learner.learn({ x: 1 }, 'a').predicted).toBeDefined();
  });

  it('names the row of a list that is wrong, and keeps those before it', () => {
    const learner = new Learner();
    expect(() => learner.learnMany([{ a: 1 }, { a: 2 }, { a: () => 1 }], ['x', 'y', 'x'])).toThrow(
      /^row 2: field "a"/,
    );
    expect(learner.rows).toBe(2);
  });
});

describe('a ticket', () => {
  const ticketOf = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
  it.each<[string, string]>([
    ['no ticket', 'nonsense'],
    ['one of another version', ticketOf([2, { a: 1 }, [{}]])],
    ['without forecasts', ticketOf([1, { a: 1 }])],
    ['with a forecast that is nothing', ticketOf([1, { a: 1 }, [null]])],
    ['with probabilities that are no numbers', ticketOf([1, { a: 1 }, [{ probabilities: { x: 'much' } }]])],
    [
      'with a row that is nested without end',
      ticketOf([1, JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`), [{}]]),
    ],
  ])('is refused if it is %s, and nothing is learned', (_, text) => {
    const learner = learnAll(new Learner(), [{ a: 1 }], ['x']);
    const digest = learner.digest();
    expect(() => learner.learn(text, 'x')).toThrow(/not a ticket/);
    expect(learner.digest()).toBe(digest);
  });

  it('stands among the rows of learnMany() for its row and its own forecast', () => {
    const { rows, classes } = mixedRows(60);
    const learner = learnAll(new Learner(), rows, classes);
    const early = learner.predict(rows[0] as Row);
    learnAll(learner, rows, classes);
    const learned = learner.learnMany([rows[1] as Row, early, rows[2] as Row], classes.slice(0, 3));
    expect(learned).toHaveLength(3);
    expect(learned[1]?.predicted).toBe(early.class);
    expect(() => learner.learnMany([early, early], ['x', ''])).toThrow(/^row 1: /);
  });
});

describe('a learner that somebody copies without save()', () => {
  it('refuses JSON and structured cloning, and names save() and load()', () => {
    const learner = new Learner();
    expect(() => JSON.stringify({ learner })).toThrow(
      expect.objectContaining({ code: 'INVALID_DATA', message: expect.stringContaining('save()') }),
    );
    expect(() => structuredClone(learner)).toThrow(/save\(\).*load\(\)/);
    learner.close();
  });
});

describe('a learner that is closed', () => {
  it('refuses every call', () => {
    const learner = new Learner();
    learner.close();
    learner.close();
    expect(() => learner.predict({})).toThrow(/closed/);
    expect(() => learner.learn({}, 'a')).toThrow(/closed/);
    expect(() => learner.save(join(folder, 'x'))).toThrow(/closed/);
  });
});

describe('drift', () => {
  it('is found where the classes change their meaning, and not before', () => {
    const random = new Random(4);
    const learner = new Learner();
    for (let i = 0; i < 6000; i++) {
      const x = random.below(1000);
      learner.learn({ x }, x > 500 === i < 3000 ? 'a' : 'b');
    }
    const drifts = learner.inspect().drifts[0]?.map(({ row }) => row) ?? [];
    expect(drifts[0]).toBeGreaterThan(3000);
    expect(drifts[0]).toBeLessThan(3400);
    expect(learner.metrics().window.accuracy).toBeGreaterThan(0.9);
  });

  it('is not found in noise', () => {
    const random = new Random(8);
    const learner = new Learner();
    for (let i = 0; i < 20_000; i++) learner.learn({ x: random.below(1000) }, random.below(2) ? 'a' : 'b');
    expect(learner.inspect().drifts).toEqual([[]]);
  });
});

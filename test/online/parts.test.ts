import { describe, expect, it, vi } from 'vitest';
import { checkOptions } from '../../lib/base/options/table.js';
import { momentOf, timeOf } from '../../lib/data/dates.js';
import { type KeyPrefix, keyPrefix, slotName } from '../../lib/data/key.js';
import { isText, wordsOf } from '../../lib/data/words.js';
import type { LearnerState } from '../../lib/engine/learner.js';
import { Learner } from '../../lib/index.js';
import { learnerDigest } from '../../lib/online/digest.js';
import { NameTable } from '../../lib/online/name-table.js';
import { LEARNER } from '../../lib/online/options.js';
import { makeParts } from '../../lib/online/parts.js';
import { RowEncoder } from '../../lib/online/row-encoder.js';
import { RunningTarget } from '../../lib/online/running-target.js';
import { StreamRun } from '../../lib/online/stream-run.js';

describe('dates', () => {
  it('stand in the day, the week and the year, in UTC', () => {
    // 28 November 2026 is a Saturday; Thursday counts as 4.
    const moment = momentOf(Date.UTC(2026, 10, 28, 18, 30));
    expect(moment).toMatchObject({ hour: 18.5, weekday: 6, month: 10 + 27 / 31 });
    expect(momentOf(0)).toEqual({ days: 0, hour: 0, weekday: 4, month: 0 });
    expect(momentOf(-1).weekday).toBe(3);
  });

  it.each<[string, number | undefined]>([
    ['2026-11-28', Date.UTC(2026, 10, 28)],
    ['2026-11-28T18:30', Date.UTC(2026, 10, 28, 18, 30)],
    ['2026-11-28 18:30:05.5', Date.UTC(2026, 10, 28, 18, 30, 5, 500)],
    ['2026-11-28T18:30:00+02:00', Date.UTC(2026, 10, 28, 16, 30)],
    ['2026-13-28', undefined],
    ['28.11.2026', undefined],
    ['2026-11-28x', undefined],
  ])('are read from ISO texts alone: %s', (text, time) => {
    expect(timeOf(text)).toBe(time);
  });
});

describe('texts', () => {
  it('are their words and pairs of words, each once and in lower case', () => {
    expect([...wordsOf('The fox, the FOX')]).toEqual(['the', 'fox', 'the fox', 'fox the']);
    expect(isText('New York')).toBe(true);
    expect(isText(' York ')).toBe(false);
  });
});

describe('a table of names', () => {
  it('finds each name and no other while it grows', () => {
    const table = new NameTable();
    const prefixes = [slotName('a', '='), slotName('a', '~'), slotName('b', '=')].map(keyPrefix);
    const known = new Map<string, number>();
    const wrong: string[] = [];
    for (let i = 0; i < 9000; i++) {
      const [which, rest] = [i % 3, `n${i >> 2}`];
      const slot = table.find(prefixes[which] as KeyPrefix, rest);
      if (slot !== (known.get(`${which} ${rest}`) ?? 0)) wrong.push(rest);
      if (slot !== 0) continue;
      known.set(`${which} ${rest}`, i + 1);
      table.add(i + 1);
    }
    for (const [name, slot] of known) {
      const [which, rest] = name.split(' ') as [string, string];
      if (table.find(prefixes[Number(which)] as KeyPrefix, rest) !== slot) wrong.push(rest);
    }
    expect(wrong).toEqual([]);
    expect(table.find(prefixes[0] as KeyPrefix, 'other')).toBe(0);
  });

  it('knows which names a row has held', () => {
    const table = new NameTable();
    const prefix = keyPrefix(slotName('a', '='));
    const isRepeated = (rest: string) => {
      if (table.find(prefix, rest) === 0) table.add(1);
      return table.isRepeated();
    };
    table.begin();
    expect(['x', 'y', 'x', 'y', 'z'].map(isRepeated)).toEqual([false, false, true, true, false]);
    table.begin();
    expect(['x', 'x', 'z'].map(isRepeated)).toEqual([false, true, false]);
  });
});

describe('an encoder of rows', () => {
  it('counts values whose names would be one column too many, in learned rows alone', () => {
    const encoder = new RowEncoder(new Map(), 2);
    encoder.read({ a: 1, b: 'x', c: 3 }, true);
    encoder.read({ a: 1, d: 3 }, false);
    expect([...encoder.columns.keys()]).toEqual(['a', 'b']);
    expect(encoder.ignored).toBe(1);
  });
});

describe('the scale of a target', () => {
  it('moves by at most six deviations a row, from the 22nd row on', () => {
    const early = new RunningTarget();
    const late = new RunningTarget();
    for (let i = 0; i < 20; i++) early.observe(i % 2);
    for (let i = 0; i < 21; i++) late.observe(i % 2);
    early.observe(1e6);
    const { mean, deviation } = late;
    late.observe(1e6);
    expect(early.mean).toBeGreaterThan(40_000);
    expect(late.mean).toBeCloseTo(mean + (6 * deviation) / 22, 12);
  });
});

describe('the digest of a learner', () => {
  it('changes with every part of what the engine has learned', () => {
    const parts = makeParts(checkOptions('options', LEARNER, {}));
    const { engine } = parts.heads[0] as (typeof parts.heads)[0];
    const state = engine.exportState();
    const digest = learnerDigest(parts);
    const changes: Partial<LearnerState>[] = [
      { learned: 1 },
      { shares: Float64Array.of(0.5, 0.25, 0.25) },
      { memory: Int32Array.of(1) },
      { inputWeights: state.inputWeights.map((w, i) => (i === 191 ? w + 1 : w)) },
    ];
    for (const change of changes) {
      vi.spyOn(engine, 'exportState').mockReturnValueOnce({ ...state, ...change });
      expect(learnerDigest(parts), Object.keys(change).join()).not.toBe(digest);
    }
    expect(learnerDigest(parts)).toBe(digest);
  });
});

describe('a ticket', () => {
  it('counts with the forecast of its own time', () => {
    const learner = new Learner();
    for (let i = 0; i < 50; i++) learner.learn({ a: i % 2 }, 'old');
    const early = learner.predict({ a: 1 });
    for (let i = 0; i < 300; i++) learner.learn({ a: i % 2 }, 'new');
    expect(learner.predict({ a: 1 }).class).toBe('new');
    expect(learner.learn(early, 'old')).toMatchObject({ predicted: 'old', loss: 0 });
    expect(learner.learn(early.ticket, 'new').loss).toBeCloseTo(14 * Math.LN2, 12);
  });
});

describe('a pass over a stream', () => {
  it('scores simple rules on the rows that were learned, and no others', () => {
    const run = new StreamRun(new Learner<object, 'class' | 'number'>(), 'class', 10, true);
    const rows = [1, 2, 3].map((place) => ({
      place,
      row: place === 3 ? { a: () => 1 } : { a: 1 },
      truth: 'x',
    }));
    expect(() => run.learn(rows, 'line')).toThrow(/^line 3: field "a"/);
    expect(run.learner.rows).toBe(2);
    expect(run.baselines.map(({ metrics }) => metrics.rows)).toEqual([2, 2]);
  });
});

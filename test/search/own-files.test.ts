import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from '../../lib/index.js';
import { createStudy, runStudy, type StudyDefinition } from '../../lib/public/search.js';
import { loadTrialData, openShared, PaddedData, shareData } from '../../lib/search/trial/data.js';
import { runTrial } from '../../lib/search/trial/run-trial.js';
import { checkTask, portable, type TrialTask } from '../../lib/search/trial/task.js';
import { expectRefusal } from '../datasets/refusal.js';

const CITIES = ['Graz', 'Linz', 'Wien'];

/** Rows with a number that is sometimes missing, a category, a text, a class and a number to predict. */
const ROWS = Array.from({ length: 90 }, (_, i) => {
  const city = CITIES[i % 3] as string;
  const age = (i * 37) % 80;
  return {
    age: i % 10 === 0 ? '' : age,
    city,
    note: `word${i % 7} of word${i % 11} and word${i % 13}`,
    churn: age > 40 === (city === 'Wien') ? 'yes' : 'no',
    price: age + 10 * (i % 3),
  };
});
const NAMES = ['age', 'city', 'note', 'churn', 'price'] as const;
const csvOf = (rows: typeof ROWS) =>
  [NAMES.join(), ...rows.map((row) => NAMES.map((name) => row[name]).join())].join('\n');

/** Columns without the text, so that rows are dense. */
const COLUMNS = { label: 'churn', ignore: ['note', 'price'] } as const;

describe('a study of a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
    const write = (name: string, text: string) => writeFile(join(folder, name), text);
    await write('rows.csv', csvOf(ROWS));
    await write(
      'more.csv',
      csvOf([...ROWS.slice(0, 20), { ...(ROWS[1] as (typeof ROWS)[0]), city: 'Bern' }]),
    );
    await write('rows.ndjson', ROWS.map((row) => JSON.stringify(row)).join('\n'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const definition = (
    changes: Partial<StudyDefinition> = {},
    data: StudyDefinition['data'] = {},
  ): StudyDefinition => ({
    trials: 2,
    sampler: 'random',
    space: { width: { kind: 'int', low: 4, high: 16 } },
    network: { layers: ['inputs', '$width', 'outputs'] },
    fit: { epochs: 3 },
    data: { file: 'rows.csv', directory: folder, ...COLUMNS, ...(data as object) },
    ...changes,
  });

  it('trains networks of the size of its columns', async () => {
    const table = await readTable(join(folder, 'rows.csv'), COLUMNS);
    const study = await createStudy(definition({}, { test: 'more.csv' }));
    expect(study.plan.training?.network).toEqual({
      layers: [table.train.features, '$width', 2],
      output: 'softmax',
    });
    expect(study.remarks.join()).toContain('missing values were filled in (age 9)');
    await runStudy(study, { parallel: 1 });
    expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete']);
    expect(Object.keys(study.best?.values ?? {})).toEqual(
      expect.arrayContaining(['accuracy', 'test.accuracy']),
    );
  });

  it('predicts numbers with a linear output, and keeps an output that is given', async () => {
    const data = { label: 'price', ignore: ['note', 'churn'] };
    const { plan } = await createStudy(definition({ objectives: [{ measure: 'r2' }] }, data));
    expect(plan.training?.network.output).toBe('linear');
    const network = { layers: ['inputs', '$width', 1], output: 'sigmoid' };
    const binary = await createStudy(definition({ network }));
    expect(binary.plan.training?.network.output).toBe('sigmoid');
  });

  it('is the same with the same rows in another format or folder, and another with other rows', async () => {
    const spec = { directory: folder, ...COLUMNS, validation: 0.1 };
    const csv = await loadTrialData({ file: 'rows.csv', ...spec });
    const json = await loadTrialData({ file: 'rows.ndjson', ...spec });
    expect(json.checksum).toBe(csv.checksum);
    const journal = join(folder, 'moved.jsonl');
    const first = await createStudy(definition({ trials: 1 }), { journal });
    await runStudy(first, { parallel: 1 });
    await first.close();
    const moved = join(folder, 'elsewhere');
    await mkdir(moved);
    await cp(join(folder, 'rows.csv'), join(moved, 'rows.csv'));
    const again = await createStudy(definition({}, { directory: moved }), { journal });
    await runStudy(again, { parallel: 1 });
    expect(again.ended).toBe(2);
    await again.close();
    await writeFile(
      join(moved, 'rows.csv'),
      csvOf(ROWS.map((row, i) => (i === 5 ? { ...row, age: 1 } : row))),
    );
    const changed = await createStudy(definition({ trials: 3 }, { directory: moved }), { journal });
    await expectRefusal('INVALID_DATA', ['the file rows.csv', 'moved.jsonl', 'restore it'], () =>
      runStudy(changed),
    );
    await changed.close();
  });

  it('refuses other columns, or another number of trainings, for the same journal', async () => {
    const journal = join(folder, 'columns.jsonl');
    await (await createStudy(definition(), { journal })).close();
    await expectRefusal('INVALID_OPTION', ['data.onMissing is "skip", but nothing'], () =>
      createStudy(definition({}, { onMissing: 'skip' }), { journal }),
    );
    await expectRefusal('INVALID_OPTION', ['repeats is 2, but nothing'], () =>
      createStudy(definition({ repeats: 2 }), { journal }),
    );
    await (await createStudy(definition({ repeats: 1 }), { journal })).close();
  });

  it('trains on sparse rows, which threads share', async () => {
    const data = await loadTrialData({
      file: 'rows.csv',
      directory: folder,
      label: 'churn',
      ignore: ['price'],
      column: { note: 'text' },
      validation: 0.2,
    });
    expect(data.train.inputs.constructor.name).toBe('CsrMatrix');
    const layers = [data.train.features, 8, 2];
    const given = { ...TASK, network: { layers }, data: { file: 'rows.csv', validation: 0.2 } };
    const own = await runTrial(given, new PaddedData(data));
    expect(own).toMatchObject({ state: 'complete', values: { accuracy: expect.any(Number) } });
    const shared = openShared(structuredClone(shareData(data)));
    expect((await runTrial(given, new PaddedData(shared)))?.digest).toBe(own?.digest);
  });

  const mistakes: [what: string, data: object, ...parts: string[]][] = [
    [
      'neither a name nor a file',
      { file: undefined, label: undefined, ignore: undefined },
      'data needs a name',
    ],
    ['both', { name: 'mnist' }, 'data.file', 'data set mnist', 'leave one of them out'],
    ['a misspelt option', { onMising: 'skip' }, 'onMising', 'did you mean "onMissing"?'],
    ['a misspelt column', { label: 'chrun' }, '"chrun"', 'did you mean "churn"?'],
    ['a test part that is not there', { validation: 'test' }, 'the file rows.csv has no test part'],
    ['more rows than there are', { rows: 91 }, 'at most 90, which the file rows.csv has'],
    ['a file that is not there', { file: 'row.csv' }, 'row.csv'],
  ];
  it.each(mistakes)('refuses %s', async (_, data, ...parts) => {
    const error = await createStudy(definition({}, data)).then(
      () => expect.fail('accepted'),
      (thrown: Error) => thrown,
    );
    for (const part of parts) expect(error.message).toContain(part);
  });

  it('refuses columns of a data set by name', () =>
    expectRefusal('INVALID_OPTION', ['data.label concerns a file', 'data set mnist'], () =>
      createStudy({ ...definition(), data: { name: 'mnist', label: 'x' } }),
    ));
});

const TASK: TrialTask = {
  study: 's',
  release: '1',
  number: 0,
  seed: 7,
  network: { layers: [3, 2] },
  fit: { epochs: 2 },
  data: { file: 'rows.csv', label: 'churn', validation: 0.1 },
  checksum: 'c',
  budget: {},
  measures: ['accuracy'],
  epochMeasure: 'loss',
  prunes: false,
};

describe('a task for other machines', () => {
  const sentFile = (file: string) =>
    portable({ ...TASK, data: { ...TASK.data, file, directory: '/home/me' } }).data;

  it('names a file without the folders of this machine', () => {
    expect(sentFile('sub/rows.csv')).toEqual({ file: 'sub/rows.csv', label: 'churn', validation: 0.1 });
    for (const outside of ['/data/rows.csv', '../rows.csv', 'a/../../rows.csv', 'C:\\data\\rows.csv'])
      expect(sentFile(outside)).toEqual({ file: 'rows.csv', label: 'churn', validation: 0.1 });
    expect(checkTask(JSON.parse(JSON.stringify(portable(TASK)))).data.file).toBe('rows.csv');
  });

  it('is refused if it names a file outside the folder of the data', () => {
    for (const file of [
      '/etc/passwd',
      '../rows.csv',
      'a\\..\\..\\rows.csv',
      'C:\\rows.csv',
      'C:rows.csv',
      '',
    ])
      for (const data of [
        { ...TASK.data, file },
        { ...TASK.data, test: file },
      ])
        expect(() => checkTask({ ...TASK, data })).toThrow('a path within the folder of the data');
    expect(() => checkTask({ ...TASK, data: { ...TASK.data, directory: '/' } })).toThrow('directory');
  });
});

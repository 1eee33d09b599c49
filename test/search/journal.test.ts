import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { createStudy, type Study, type StudyDefinition } from '../../lib/public/search.js';
import { readJournal } from '../../lib/search/journal/lines.js';
import { ROOT, workFolder } from '../cli/run.js';
import { expectRefusal } from '../datasets/refusal.js';

const definition: StudyDefinition = {
  space: { x: { kind: 'float', low: 0, high: 1 } },
  objectives: [{ measure: 'value', direction: 'minimize' }],
  sampler: { kind: 'tpe', startupTrials: 3 },
  trials: 12,
};

/** Runs this many trials. */
function work(study: Study, trials: number): void {
  for (let i = 0; i < trials; i++) {
    const trial = study.ask();
    if (trial === undefined) return;
    trial.report(1);
    study.tell(trial, { values: { value: (trial.parameters.x as number) ** 2 } });
  }
}

async function finished(journal: string): Promise<Study> {
  const study = await createStudy(definition, { journal });
  work(study, Number.POSITIVE_INFINITY);
  await study.close();
  return study;
}

describe('a journal', () => {
  const folder = workFolder();
  let files = 0;
  const newFile = () => join(folder(), `study-${files++}.jsonl`);

  it('keeps a study, so that stopping and going on changes nothing', async () => {
    const whole = await finished(newFile());
    const journal = newFile();
    for (const trials of [2, 5]) {
      const study = await createStudy(definition, { journal });
      work(study, trials);
      await study.close();
    }
    const study = await finished(journal);
    expect(study.trials).toEqual(whole.trials);
    expect(study.ended).toBe(12);
    expect(study.isDone).toBe(true);
  });

  it('gives a trial that was begun and not ended out again, first', async () => {
    const journal = newFile();
    const before = await createStudy(definition, { journal });
    work(before, 2);
    const open = before.ask();
    await before.close();
    const study = await createStudy(definition, { journal });
    const again = study.ask();
    expect([again?.number, again?.parameters, again?.seed]).toEqual([2, open?.parameters, open?.seed]);
    expect(study.ask()?.number).toBe(3);
    await study.close();
  });

  it('survives a last line that was cut off anywhere: what had ended stays, the rest is done again', async () => {
    const whole = await finished(newFile());
    const journal = newFile();
    const study = await createStudy(definition, { journal });
    work(study, 4);
    await study.close();
    const text = readFileSync(journal);
    const lastBegin = text.lastIndexOf('{"type":"begin"');
    const lastEnd = text.lastIndexOf('{"type":"end"');
    for (const length of [lastBegin + 1, lastEnd - 1, lastEnd + 1, lastEnd + 40, text.length - 1]) {
      const torn = newFile();
      writeFileSync(torn, text.subarray(0, length));
      expect((await readJournal(torn))?.trials.filter(({ state }) => state === 'complete')).toHaveLength(3);
      expect((await finished(torn)).trials).toEqual(whole.trials);
      const lines = readFileSync(torn, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const ends = lines.flatMap(({ type, trial }) => (type === 'end' ? [trial] : []));
      expect(ends).toEqual(whole.trials.map(({ number }) => number));
    }
  });

  it('keeps values that JSON has no word for', async () => {
    const journal = newFile();
    const study = await createStudy(definition, { journal });
    const trial = study.ask() as { number: number };
    study.tell(trial, { values: { value: Number.NaN } });
    await study.close();
    expect((await readJournal(journal))?.trials[0]?.values.value).toBeNaN();
  });

  it('can be read while it is written', async () => {
    const journal = newFile();
    const study = await createStudy(definition, { journal });
    work(study, 3);
    appendFileSync(journal, '{"type":"beg');
    const contents = await readJournal(journal);
    expect(contents).toMatchObject({ study: { id: study.id, name: 'study' }, tornBytes: 12 });
    expect(contents?.trials).toHaveLength(3);
    truncateSync(journal, contents?.wholeBytes);
    await study.close();
  });

  it('is refused with the number of a line that does not belong there', async () => {
    const journal = newFile();
    await finished(journal);
    const lines = readFileSync(journal, 'utf8').split('\n');
    const twice = newFile();
    writeFileSync(twice, [...lines.slice(0, 4), lines[3], ''].join('\n'));
    await expectRefusal('INVALID_FILE', [twice, 'line 5', 'for the second time'], () =>
      createStudy(definition, { journal: twice }),
    );
    expect(existsSync(`${twice}.lock`)).toBe(false);
    const other = newFile();
    writeFileSync(other, 'name,value\nx,1\n');
    await expectRefusal('INVALID_FILE', ['line 1', 'is this a journal?'], () =>
      createStudy(definition, { journal: other }),
    );
    expect(readFileSync(other, 'utf8')).toBe('name,value\nx,1\n');
  });

  it('is refused for another study, and says what is different', async () => {
    const journal = newFile();
    await finished(journal);
    const space = { x: { kind: 'float', low: 0, high: 2 } } as const;
    await expectRefusal('INVALID_OPTION', ['space.x.high is 2, but 1 in the journal'], () =>
      createStudy({ ...definition, space }, { journal }),
    );
    const more = await createStudy({ ...definition, trials: 15, sampler: 'random' }, { journal });
    work(more, Number.POSITIVE_INFINITY);
    expect(more.ended).toBe(15);
    await more.close();
  });
});

describe("a journal's lock", () => {
  const folder = workFolder();

  it('lets one process write at a time', async () => {
    const journal = join(folder(), 'one.jsonl');
    const study = await createStudy(definition, { journal });
    await expectRefusal('STUDY_BUSY', [`process ${process.pid}`, `${journal}.lock`], () =>
      createStudy(definition, { journal }),
    );
    await study.close();
    await (await createStudy(definition, { journal })).close();
  });

  it('is taken over from a process that was killed, whose trials are kept', async () => {
    const journal = join(folder(), 'killed.jsonl');
    const script = `
      import { createStudy } from '${pathToFileURL(join(ROOT, 'dist', 'public', 'search.js')).href}';
      const study = await createStudy(${JSON.stringify(definition)}, { journal: ${JSON.stringify(journal)} });
      for (let i = 0; i < 5; i++) {
        const trial = study.ask();
        study.tell(trial, { values: { value: trial.parameters.x ** 2 } });
      }
      study.ask();
      process.stdout.write('ready');
      setInterval(() => undefined, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    await expectRefusal('STUDY_BUSY', [`process ${child.pid}`], () => createStudy(definition, { journal }));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(`${journal}.lock`)).toBe(true);
    const study = await createStudy(definition, { journal });
    expect(study.ended).toBe(5);
    expect(study.ask()?.number).toBe(5);
    await study.close();
    expect(existsSync(`${journal}.lock`)).toBe(false);
  });

  it('is judged by its heartbeat where its process cannot be looked up', async () => {
    const journal = join(folder(), 'elsewhere.jsonl');
    const { hostname } = await import('node:os');
    const holder = { token: 'x', process: process.pid, begun: '1' };
    for (const place of [{ host: 'another' }, { host: hostname(), scope: 'another namespace' }]) {
      writeFileSync(`${journal}.lock`, JSON.stringify({ ...holder, ...place }));
      await expectRefusal('STUDY_BUSY', [`process ${process.pid}`], () =>
        createStudy(definition, { journal }),
      );
      const past = new Date(Date.now() - 120_000);
      utimesSync(`${journal}.lock`, past, past);
      await (await createStudy(definition, { journal })).close();
    }
  });

  it('survives heartbeats that fail, and notices when another process has taken over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
    const journal = join(folder(), 'silent.jsonl');
    const study = await createStudy(definition, { journal });
    try {
      rmSync(`${journal}.lock`);
      vi.advanceTimersByTime(120_000);
      work(study, 1);
      writeFileSync(
        `${journal}.lock`,
        JSON.stringify({ token: 'x', host: 'another', process: 1, begun: '' }),
      );
      vi.advanceTimersByTime(120_000);
      expect(() => work(study, 1)).toThrow(/process 1 on another has taken over the journal/);
    } finally {
      vi.useRealTimers();
    }
    await study.close();
    expect((await readJournal(journal))?.trials.filter(({ state }) => state === 'complete')).toHaveLength(1);
  });

  it('is not kept by a process number that another process has now', async () => {
    const journal = join(folder(), 'reused.jsonl');
    const lock = { token: 'x', host: (await import('node:os')).hostname(), process: process.pid, begun: '1' };
    writeFileSync(`${journal}.lock`, JSON.stringify(lock));
    await (await createStudy(definition, { journal })).close();
  });
});

import { describe, expect, it } from 'vitest';
import { Dataset, Network } from '../../lib/index.js';
import { reportRuns, reportStudy } from '../../lib/public/report.js';
import { createStudy } from '../../lib/public/search.js';
import { workFolder } from '../cli/run.js';

const cwd = workFolder();
const at = (name: string) => `${cwd()}/${name}`;

const data = Dataset.from({
  inputs: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
  columns: 2,
  labels: [0, 1, 0, 1],
});

/** Writes the log and the model of a run, under a name. */
async function trained(name: string, seed = 1): Promise<{ log: string; model: string }> {
  const files = { log: at(`${name}.jsonl`), model: at(`${name}.safetensors`) };
  const network = new Network({ layers: [2, 4, 2], seed });
  await network.fit(data, { epochs: 3, log: files.log });
  await network.save(files.model);
  return files;
}

describe('reportRuns', () => {
  it('shows the curves, junctions and worst examples of a run', async () => {
    const page = await reportRuns([{ ...(await trained('digits')), data }], { title: 'Two < three' });
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('Two &lt; three');
    expect(page).toContain('4 examples');
    for (const id of ['junction-1', 'junction-2']) expect(page).toContain(`<section id="${id}"`);
  });

  it('shows runs side by side under different names', async () => {
    const [a, b] = [await trained('a'), await trained('b', 2)];
    const page = await reportRuns([
      { ...a, name: 'run' },
      { ...b, name: 'run' },
    ]);
    expect(page).toContain('run #1');
    expect(page).toContain('run #2');
  });

  it('says that a model beside the log of another run is not shown', async () => {
    const [a, b] = [await trained('a'), await trained('b', 2)];
    expect(await reportRuns([{ log: a.log, model: b.model }])).toContain('belongs to another run');
  });

  it.each([
    [[], 'runs must be an array of 1 to 32 runs'],
    [[{}], 'runs[0] must be a run with a log or a model'],
    [[{ log: 'a.jsonl', data }], 'runs[0].model must be the model to measure on the data'],
    [[{ log: 3 }], 'runs[0].log must be'],
    [[{ modle: 'a' }], 'unknown name in runs[0]: "modle"; did you mean "model"'],
  ])('refuses %j', async (runs, message) => {
    await expect(reportRuns(runs as never)).rejects.toThrow(message);
  });
});

describe('reportStudy', () => {
  it('shows the trials of a study that still runs', async () => {
    const study = await createStudy({
      name: 'parabola',
      space: { x: { kind: 'float', low: -5, high: 5 } },
      objectives: [{ measure: 'cost', direction: 'minimize' }],
      trials: 5,
    });
    const first = study.ask();
    if (first === undefined) throw new Error('there is no trial');
    study.tell(first, { values: { cost: 0.123456 } });
    study.ask();
    const page = await reportStudy(study);
    expect(page).toContain('parabola');
    expect(page).toContain('0.123456');
    expect(page).toContain('1 not ended');
  });

  it('refuses what is not a study', async () => {
    await expect(reportStudy({} as never)).rejects.toThrow('study must be a Study, made by createStudy()');
  });
});

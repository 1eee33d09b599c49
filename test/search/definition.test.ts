import { describe, expect, it } from 'vitest';
import { createStudy, type StudyDefinition } from '../../lib/public/search.js';
import { expectRefusal } from '../datasets/refusal.js';
import { temporaryFolder } from '../datasets/temporary-folder.js';

const WIDTH = { kind: 'int', low: 8, high: 64, log: true } as const;

/** A valid definition, except for the entries that are replaced. */
function definition(changes: object): StudyDefinition {
  return {
    space: { width: WIDTH, depth: { kind: 'categorical', choices: [1, 2] } },
    network: { layers: [784, '$width', '$width', 10], activation: 'relu', seed: '$depth' },
    ...changes,
  } as StudyDefinition;
}

function refused(changes: object, code: string, ...parts: string[]): Promise<void> {
  return expectRefusal(code, parts, () => createStudy(definition(changes)));
}

describe("a study's definition", () => {
  it('is filled in with defaults', async () => {
    const { plan, name } = await createStudy(definition({}));
    expect(name).toBe('study');
    expect(plan).toMatchObject({
      trials: 100,
      seed: 1,
      sampler: { kind: 'tpe', startupTrials: 10, candidates: 24 },
      pruner: { kind: 'none' },
      objectives: [{ measure: 'accuracy', direction: 'maximize' }],
      training: { data: { name: 'mnist', validation: 0.1 }, epochMeasure: 'accuracy' },
    });
  });

  it('has NSGA-II if there are several objectives', async () => {
    const objectives = [{ measure: 'accuracy' }, { measure: 'edges' }];
    const { plan } = await createStudy(definition({ objectives }));
    expect(plan.sampler).toEqual({ kind: 'nsga2', population: 40, crossover: 0.9 });
    expect(plan.objectives.map(({ direction }) => direction)).toEqual(['maximize', 'minimize']);
  });

  const { width, depth } = { width: WIDTH, depth: { kind: 'categorical', choices: [1, 2] } };
  const mistakes: [what: string, changes: object, code: string, ...parts: string[]][] = [
    ['a misspelt name', { trails: 3 }, 'UNKNOWN_OPTION', 'trails', 'did you mean "trials"?'],
    [
      'a misspelt setting',
      { space: { width: { ...WIDTH, lowe: 3 }, depth } },
      'UNKNOWN_OPTION',
      'unknown name in space.width of kind',
      'did you mean "low"?',
    ],
    [
      'a misspelt kind',
      { space: { width: { kind: 'flot' }, depth } },
      'INVALID_OPTION',
      'space.width.kind',
      '"flot"',
      "did you mean 'float'?",
    ],
    [
      'a wrong type',
      { space: { width: { ...WIDTH, low: 'a' }, depth } },
      'INVALID_OPTION',
      'space.width.low must be a whole number',
      '"a"',
    ],
    [
      'a range upside down',
      { space: { width: { ...WIDTH, low: 99 }, depth } },
      'INVALID_OPTION',
      'space.width.high',
      'at least 99',
      '64',
    ],
    [
      'a logarithm of zero',
      { space: { width: { ...WIDTH, low: 0 }, depth } },
      'INVALID_OPTION',
      'space.width.low',
      'above 0',
    ],
    [
      'a number out of range',
      { trials: 0 },
      'INVALID_OPTION',
      'trials must be a whole number from 1 to 10000000',
      '0',
    ],
    ['an unknown sampler', { sampler: 'sobo' }, 'INVALID_OPTION', 'sampler', 'sobol'],
    [
      'a grid without end',
      { sampler: 'grid', space: { width: { kind: 'float', low: 0, high: 1 }, depth } },
      'INVALID_OPTION',
      'space.width has no step',
    ],
    [
      'an unknown parameter',
      { network: { layers: [784, '$widht', 10], seed: '$depth' } },
      'INVALID_OPTION',
      'network.layers[1]',
      '"widht"',
      'did you mean "width"?',
    ],
    [
      'an unused parameter',
      { network: { layers: [784, '$width', 10] } },
      'INVALID_OPTION',
      'space.depth is used nowhere',
    ],
    [
      'an unknown objective',
      { objectives: [{ measure: 'acuracy' }] },
      'INVALID_OPTION',
      'objectives[0].measure',
      'did you mean "accuracy"?',
    ],
    [
      'an objective twice',
      { objectives: [{ measure: 'loss' }, { measure: 'loss' }] },
      'INVALID_OPTION',
      'objectives[1].measure',
      'loss',
    ],
    [
      'pruning by what is known last',
      { objectives: [{ measure: 'edges' }], pruner: 'median' },
      'INVALID_OPTION',
      'median',
      'edges is known only when a trial has ended',
    ],
    [
      'pruning by two objectives',
      { objectives: [{ measure: 'loss' }, { measure: 'edges' }], pruner: 'asha' },
      'INVALID_OPTION',
      'pruner',
      'there are 2',
    ],
    [
      'a condition on nothing',
      { space: { width: { ...WIDTH, when: { dept: 1 } }, depth } },
      'INVALID_OPTION',
      'space.width.when',
      'did you mean "depth"?',
    ],
    [
      'a condition that never holds',
      { space: { width: { ...WIDTH, when: { depth: 3 } }, depth } },
      'INVALID_OPTION',
      'space.width.when.depth',
      '3',
    ],
    [
      'conditions in a circle',
      { space: { width: { ...WIDTH, when: { depth: 1 } }, depth: { ...depth, when: { width: 9 } } } },
      'INVALID_OPTION',
      'width -> depth -> width',
    ],
    [
      'a constraint that is none',
      { constraints: ['edges = 5'] },
      'INVALID_OPTION',
      'constraints[0]',
      'edges = 5',
    ],
    [
      'a constraint on nothing',
      { constraints: ['edgs <= 5'] },
      'INVALID_OPTION',
      'constraints[0]',
      'did you mean "edges"?',
    ],
    [
      'constraints that nothing keeps',
      { constraints: ['width <= 5'] },
      'INVALID_OPTION',
      'constraints',
      '10,000',
    ],
    [
      'a function of fit()',
      { fit: { validation: 0.5 } },
      'INVALID_OPTION',
      'fit.validation',
      'data.validation',
    ],
    [
      'a checkpoint, which all trials would share',
      { fit: { checkpoint: { file: 'study.ckpt' } } },
      'INVALID_OPTION',
      'fit.checkpoint',
      'trials would share one file',
    ],
    [
      'a misspelt option of fit()',
      { fit: { epoch: 3 } },
      'UNKNOWN_OPTION',
      'fit: unknown name in fit options: "epoch"',
      'did you mean "epochs"?',
    ],
    [
      'a learning rate that no network takes',
      { fit: { learningRate: { kind: 'cosine', rate: 7 } } },
      'INVALID_OPTION',
      'fit: ',
      'rate',
    ],
    [
      'an option that Network does not know',
      { network: { layers: [784, '$width', 10], sed: '$depth' } },
      'UNKNOWN_OPTION',
      'network',
      'did you mean "seed"?',
    ],
    [
      'a share out of range',
      { data: { name: 'mnist', validation: 1 } },
      'INVALID_OPTION',
      'data.validation',
      "data.validation must be 'test' or a number above 0 and below 1",
    ],
    ['an unknown device', { hardware: { device: 'xz7' }, space: { width, depth } }, 'INVALID_OPTION', 'xz7'],
  ];
  for (const [what, changes, code, ...parts] of mistakes) {
    it(`is refused with ${what}`, () => refused(changes, code, ...parts));
  }
});

describe("a study's file", () => {
  const write = temporaryFolder();

  it('is TOML or JSON and gives the study its name', async () => {
    const toml = await write(
      'first.toml',
      'trials = 7\n[network]\nlayers = [784, "$w", 10]\n[space.w]\nkind = "int"\nlow = 1\nhigh = 9\n',
    );
    const json = await write('second.json', JSON.stringify(definition({ trials: 8 })));
    expect(await createStudy(toml)).toMatchObject({ name: 'first', plan: { trials: 7 } });
    expect(await createStudy(json)).toMatchObject({ name: 'second', plan: { trials: 8 } });
  });

  it('is refused with line and column where it is damaged', async () => {
    const file = await write('damaged.toml', 'trials = 7\n[space\n');
    await expectRefusal('INVALID_FILE', [file, 'line 2'], () => createStudy(file));
    await expectRefusal('FILE_NOT_FOUND', ['none.toml'], () => createStudy(`${file}/none.toml`));
    await expectRefusal('INVALID_FILE', ['.toml'], () => createStudy('study.yaml'));
  });
});

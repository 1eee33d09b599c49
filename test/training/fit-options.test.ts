import { describe, it } from 'vitest';
import { type FitOptions, Network } from '../../lib/index.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds, plane } from './data.js';

const data = clouds(30);

describe('fit refuses', () => {
  const refuse = (options: object, code: string, ...parts: string[]) =>
    expectRefusal(code, parts, () => new Network({ layers: [4, 8, 3] }).fit(data, options as FitOptions));

  it('misspelt options', async () => {
    await refuse({ epoch: 3 }, 'UNKNOWN_OPTION', '"epoch"', 'did you mean "epochs"?');
    await refuse({ learningrate: 0.1 }, 'UNKNOWN_OPTION', '"learningRate"');
    await refuse({ earlyStopping: { patiens: 1 } }, 'UNKNOWN_OPTION', 'earlyStopping', '"patience"');
  });

  it('epochs, threads and seeds out of range', async () => {
    await refuse({ epochs: 0 }, 'INVALID_OPTION', 'epochs', 'from 1 to 1000000', 'is 0');
    await refuse({ epochs: 2.5 }, 'INVALID_OPTION', 'epochs', '2.5');
    await refuse({ threads: 1000 }, 'INVALID_OPTION', 'threads', 'from 1 to 256');
    await refuse({ seed: -3 }, 'INVALID_OPTION', 'seed', '-3');
  });

  it('batches that are none, or that the arithmetic does not have', async () => {
    await refuse({ batchSize: 0 }, 'INVALID_OPTION', 'batchSize', 'from 1 to 65536', 'is 0');
    await refuse({ batchSize: 65_537 }, 'INVALID_OPTION', 'batchSize', '65537');
    await refuse({ batchSize: 'big' }, 'INVALID_OPTION', 'batchSize', '"big"');
    const hardware = new Network({
      layers: [4, 8, 3],
      arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
    });
    await expectRefusal('INVALID_OPTION', ['batchSize must be 1', 'is 32', 'hardware'], () =>
      hardware.fit(data, { batchSize: 32 }),
    );
  });

  it('validation that is neither data nor a share', async () => {
    await refuse({ validation: 1 }, 'INVALID_OPTION', 'validation', 'Dataset', 'above 0 and below 1', 'is 1');
    await refuse({ validation: [1, 2] }, 'INVALID_OPTION', 'validation', 'an array of 2');
  });

  it('callbacks, signals and logs of other types', async () => {
    await refuse({ onProgress: true }, 'INVALID_OPTION', 'onProgress', 'a function');
    await refuse({ onEpoch: 'log' }, 'INVALID_OPTION', 'onEpoch', 'a function');
    await refuse({ signal: {} }, 'INVALID_OPTION', 'signal', 'AbortSignal');
    await refuse({ log: '' }, 'INVALID_OPTION', 'log', 'path');
    await refuse({ log: '/nowhere/at/all/run.jsonl' }, 'FILE_NOT_FOUND', 'run log', 'there is no folder');
    await refuse({ log: '/' }, 'FILE_ACCESS', 'run log');
  });

  it('early stopping that cannot work', async () => {
    await refuse({ earlyStopping: { patience: 0 } }, 'INVALID_OPTION', 'earlyStopping.patience', 'is 0');
    await refuse({ earlyStopping: { metric: 'acuracy' } }, 'INVALID_OPTION', "'accuracy'?");
    await refuse({ earlyStopping: true }, 'INVALID_OPTION', 'earlyStopping', 'an object');
    const regression = new Network({ layers: [3, 2], output: 'linear' });
    await expectRefusal('INVALID_OPTION', ['accuracy', 'regression'], () =>
      regression.fit(plane(30), { earlyStopping: { metric: 'accuracy' } }),
    );
  });

  it('class weights that do not fit', async () => {
    await refuse({ classWeights: [1, 2] }, 'INVALID_OPTION', 'classWeights', 'array of 3', 'an array of 2');
    await refuse({ classWeights: [1, -2, 1] }, 'INVALID_OPTION', 'classWeights[1]', 'from 0 to 127');
    await refuse({ classWeights: 'balance' }, 'INVALID_OPTION', "'balanced'");
    const regression = new Network({ layers: [3, 2], output: 'linear' });
    await expectRefusal('INVALID_OPTION', ['softmax', 'linear'], () =>
      regression.fit(plane(30), { classWeights: [1, 1] }),
    );
  });

  it('data that is not data', async () => {
    const fitting = (given: unknown) => () => new Network({ layers: [4, 8, 3] }).fit(given as typeof data);
    await expectRefusal('INVALID_OPTION', ['data', 'a Dataset', '"mnist"'], fitting('mnist'));
    await expectRefusal('INVALID_OPTION', ['data', 'undefined'], fitting(undefined));
    await expectRefusal('INVALID_OPTION', ['data', 'an object'], fitting({ rows: data }));
  });
});

describe('evaluate refuses', () => {
  it('anything but a data set and threads', async () => {
    const network = new Network({ layers: [4, 8, 3] });
    await expectRefusal('INVALID_OPTION', ['dataset'], () => network.evaluate([] as unknown as typeof data));
    await expectRefusal('INVALID_OPTION', ['threads'], () => network.evaluate(data, { threads: 0.5 }));
    await expectRefusal('UNKNOWN_OPTION', ['"treads"', '"threads"'], () =>
      network.evaluate(data, { treads: 2 } as object),
    );
  });
});

import { SparseTrainError } from '../../base/errors.js';
import { oneOf } from '../../base/options/kinds.js';
import { loadDataset } from '../../catalog/registry.js';
import { padDataset } from '../../data/padding.js';
import { defineCommand } from '../command.js';
import { dataOf } from '../data/training-data.js';
import { HARDWARE_MNIST, hardwareMnistValues, MNIST, MNIST_PRESETS, mnistValues } from '../presets.js';
import { dashboardSettings, dashboardTask } from '../settings/dashboard.js';
import { describeDecay } from '../settings/learning-rate.js';
import { networkOptions, networkSettings } from '../settings/network.js';
import { outputFiles, outputSettings } from '../settings/output.js';
import type { Settings } from '../settings/setting.js';
import { fitOptions, trainingSettings } from '../settings/training.js';
import { checkOutputFiles, conductTraining } from '../training/conduct.js';

const presetSettings = {
  preset: {
    flag: '--preset',
    kind: oneOf(['fast', 'small', 'accurate']),
    description: 'other defaults, found by a search (docs/study.md): fast, small or accurate',
  },
} as const satisfies Settings;

const MODEL = 'sparse-train-mnist.safetensors';

export default defineCommand({
  description:
    'Trains a sparse network in integers and measures it on the 10,000 test images. Nothing is downloaded. ' +
    `Writes the model (${MODEL}) and a run log to the current folder. ` +
    'Ctrl-C stops early and keeps what has been learned. --arithmetic hardware selects the network published for ' +
    'an FPGA: 1024-64-32 with fan-outs 4 and 16, 12 bits, and its learning rates.',
  options: {
    'Preset:': presetSettings,
    'Training:': trainingSettings,
    'Network:': networkSettings,
    'Output:': { ...outputSettings, ...dashboardSettings },
  },
  defaults: {
    epochs: String(MNIST.epochs),
    learningRate: `${MNIST.learningRate} online, otherwise 0.02 times the batch size, at most 1; 0.001 with adam and adamw`,
    decay: describeDecay(MNIST.decay),
    layers: MNIST.layers.join(','),
    density: `${MNIST.density},1`,
    pattern: `${MNIST.pattern},dense`,
    weightBits: String(MNIST.weightBits),
    weightFraction: `${MNIST.weightFraction} with ${MNIST.weightBits} bits, otherwise bits - 4, below 12 bits bits - 2`,
    seed: String(MNIST.seed),
    out: MODEL,
    log: 'the name of the model, with .jsonl',
  },
  examples: [
    'sparse-train mnist',
    'sparse-train mnist --preset accurate',
    'sparse-train mnist --epochs 10 --layers 1024 --density 0.05,1',
    'sparse-train mnist --seed 7 --threads 2 --out seven.safetensors',
    'sparse-train mnist --no-save --json',
    'sparse-train mnist --arithmetic hardware --width 10 --integer-bits 2',
  ],
  async run({ terminal, line, options }) {
    const files = outputFiles(options, MODEL);
    await checkOutputFiles(files, options.force ?? false);
    const isHardware = options.arithmetic === 'hardware';
    const { preset: presetName, ...given } = options;
    if (isHardware && presetName !== undefined)
      throw new SparseTrainError(
        'INVALID_OPTION',
        `--preset ${presetName} is not a network of the hardware arithmetic, which has the published one; leave one out`,
      );
    const preset = presetName === undefined ? MNIST : MNIST_PRESETS[presetName];
    const values = isHardware ? hardwareMnistValues(given) : mnistValues(given, preset);
    const [inputs, outputs] = isHardware ? [HARDWARE_MNIST.inputs, HARDWARE_MNIST.outputs] : [784, 10];
    const network = networkOptions(values, [inputs, ...(values.layers ?? []), outputs]);
    const fit = { ...fitOptions(values, network), log: files.log };
    const table = await loadDataset('mnist');
    const [train, test] = [padDataset(table.train, inputs), padDataset(table.test, inputs)];
    const data = dataOf('mnist', { ...table, train, test });
    const isNeeded = options.patience !== undefined || options.calibration === 'validation';
    const validation = isNeeded ? 0.1 : 0;
    const quiet = options.quiet ?? false;
    const origin = { data: 'mnist' };
    return conductTraining(
      data,
      { network, fit, validation, files, line, origin, quiet, dashboard: dashboardTask(options) },
      terminal,
    );
  },
});

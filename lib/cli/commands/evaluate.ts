import { basename } from 'node:path';
import { counted } from '../../base/numbers.js';
import { render } from '../../base/wording.js';
import { padFor } from '../../data/padding.js';
import { metricsText } from '../../terminal/metrics-text.js';
import { Network } from '../../training/network.js';
import { defineCommand, MODEL } from '../command.js';
import { loadTestData } from '../data/load.js';
import { csvFormatSettings, csvLabelSettings, csvRowSettings, dataSettings } from '../settings/data.js';
import { commandSpelling } from '../settings/setting.js';
import { trainingSettings } from '../settings/training.js';

const csvSettings = { ...csvLabelSettings, ...csvRowSettings, ...csvFormatSettings };

export default defineCommand({
  description:
    'For classes: accuracy, loss, confusion matrix, precision, recall and F1 of each class. For numbers: root mean ' +
    'square error, mean absolute error, R². A CSV file is read like the training data; a named data set means ' +
    'its test part.',
  arguments: [MODEL],
  options: {
    'Data:': dataSettings,
    'CSV files:': csvSettings,
    'Computing:': { threads: trainingSettings.threads },
  },
  defaults: { threads: 'auto' },
  examples: [
    'sparse-train evaluate sparse-train-mnist.safetensors --data mnist',
    'sparse-train evaluate iris.safetensors --data more-irises.csv',
    'sparse-train evaluate digits.safetensors --images t10k-images.gz --labels t10k-labels.gz --json',
  ],
  async run({ terminal, words, options }) {
    const file = words[0] as string;
    const network = await Network.load(file);
    const { dataset, skipped, remarks } = await loadTestData(options, network, terminal.streams.stdin);
    for (const remark of remarks) terminal.note(render(remark, commandSpelling(csvSettings)));
    if (skipped > 0) terminal.note(`left out: ${counted(skipped, 'row')} with missing or unknown values`);
    const data = padFor(network, dataset);
    const metrics = await network.evaluate(data, { threads: options.threads });
    const { data: name = options.images } = options;
    return {
      document: { model: file, data: name, isa: network.kernelSet, skipped, ...metrics },
      text: () => metricsText(`${basename(file)} on ${basename(name ?? '')}`, metrics, terminal),
    };
  },
});

import { stat } from 'node:fs/promises';
import { InferenceNetwork } from '../../network/inference.js';
import { inspectionText } from '../../report/inspection-text.js';
import { defineCommand } from '../command.js';
import { readProvenance } from '../model-file.js';

export default defineCommand({
  description:
    'Layers, edges and degrees of each junction, number formats, saturation, histograms of weights, scaling,\n' +
    'classes, and how the model came to be.',
  arguments: [{ name: 'model', description: 'a model file that train or mnist wrote' }],
  options: {},
  examples: [
    'sparse-train inspect sparse-train-mnist.safetensors',
    'sparse-train inspect iris.safetensors --json',
  ],
  async run({ terminal, words }) {
    const file = words[0] as string;
    const network = await InferenceNetwork.load(file);
    const facts = {
      file,
      bytes: (await stat(file)).size,
      digest: network.digest(),
      provenance: await readProvenance(file),
      inputs: network.scaling,
      columns: network.schema?.columns,
      ...network.inspect(),
    };
    return { document: facts, text: () => inspectionText(facts, terminal) };
  },
});

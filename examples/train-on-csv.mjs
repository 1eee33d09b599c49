/**
 * Trains on a CSV file: which species is a penguin of this size, from this island?
 *
 *     node examples/train-on-csv.mjs
 *
 * Text columns become categories, numbers are scaled, and the model file remembers both, so that rows to predict are
 * plain objects with the names of the columns.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csvRowEncoder, Network, readTable } from 'sparse-train';

const file = fileURLToPath(new URL('data/penguins.csv', import.meta.url));
const table = await readTable(file, { label: 'species', onMissing: 'skip' });
const [train, test] = table.train.split(0.25);
const { rows, features, outputs, featureNames } = table.train;
console.log(
  `${rows} penguins (${table.skipped} with missing values left out): ${table.schema?.columns.length} columns,`,
);
console.log(`${features} inputs after coding: ${featureNames?.join(', ')}`);

// Half of the edges of the first junction; the second one is dense.
const network = new Network({ layers: [features, 64, outputs], density: [0.5, 1] });

const run = await network.fit(
  { ...table, train },
  {
    epochs: 30,
    validation: test,
    earlyStopping: { patience: 10 },
    onEpoch: ({ epoch, loss, validation }) => {
      if (epoch % 5 === 0)
        console.log(`epoch ${epoch}: loss ${loss?.toFixed(4)}, on test ${validation?.loss?.toFixed(4)}`);
    },
  },
);
console.log(`trained in ${(1000 * run.trainSeconds).toFixed(1)} ms, ${run.kernelSet}`);

const metrics = await network.evaluate(test);
if (metrics.kind !== 'classification') throw new Error('species are classes');
console.log(`\n${(100 * metrics.accuracy).toFixed(1)} % of ${metrics.examples} other penguins right`);
for (const { name, support, precision, recall } of metrics.perClass) {
  console.log(
    `  ${name.padEnd(10)} ${support} penguins, precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}`,
  );
}

// The loaded network makes the same decision.
const folder = await mkdtemp(join(tmpdir(), 'penguins-'));
const model = join(folder, 'penguins.safetensors');
await network.save(model);
const loaded = await Network.load(model);
if (loaded.schema === undefined) throw new Error('the model file does not say how rows are read');
const encode = csvRowEncoder(loaded.schema);
const penguin = {
  island: 'Biscoe',
  bill_length_mm: 48.2,
  bill_depth_mm: 14.3,
  flipper_length_mm: 219,
  body_mass_g: 5100,
  sex: 'female',
};
const scores = loaded.predict(encode(penguin));
console.log('\na penguin of 5.1 kg from Biscoe:');
for (const [k, name] of (loaded.classes ?? []).entries()) {
  console.log(`  ${name.padEnd(10)} ${(100 * (scores[k] ?? 0)).toFixed(1).padStart(5)} %`);
}
await rm(folder, { recursive: true });

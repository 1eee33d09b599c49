/**
 * The trainings of docs/determinism.json: small networks of every kind on examples made by a formula. Each comes to one
 * digest, on every kernel set and with every number of threads.
 */

/** Examples of a configuration. */
const ROWS = 500;
const COLUMNS = 64;
const CLASSES = 10;

/** A byte that looks random. @param {number} i */
const byte = (i) => Math.imul(i + 1, 2654435761) >>> 24;

/** The inputs: half of them 0, those of an example's class brighter than the others. */
function inputs() {
  return Uint8Array.from({ length: ROWS * COLUMNS }, (_, i) => {
    const row = Math.floor(i / COLUMNS);
    const noise = byte(i);
    if (noise < 128) return 0;
    return (noise >>> 2) + ((i % COLUMNS) % CLASSES === row % CLASSES ? 128 : 0);
  });
}

/** @param {Omit<import('./digest-cases.d.mts').Configuration, 'digest'>} configuration */
function targets({ network, targets: kind = 'classes' }) {
  const outputs = network.layers[network.layers.length - 1] ?? 0;
  const length = ROWS * outputs;
  switch (kind) {
    case 'classes':
      return { labels: Int32Array.from({ length: ROWS }, (_, row) => row % CLASSES) };
    case 'labels':
      return { multilabel: Uint8Array.from({ length }, (_, i) => (byte(7 * i) < 64 ? 1 : 0)) };
    case 'values':
      return { values: Float64Array.from({ length }, (_, i) => (byte(i) - (i % outputs) * 100) / 16) };
    default:
      throw new Error(`there are no targets "${kind}"`);
  }
}

/**
 * Trains, and gives the digest.
 *
 * @param {Pick<typeof import('../lib/index.js'), 'Dataset' | 'Network'>} api
 * @param {Omit<import('./digest-cases.d.mts').Configuration, 'digest'>} configuration
 * @param {number} threads
 */
export async function digestOf({ Dataset, Network }, configuration, threads) {
  const data = Dataset.from({ inputs: inputs(), columns: COLUMNS, ...targets(configuration) });
  const network = new Network({ seed: 11, ...configuration.network });
  await network.fit(data, { epochs: 2, threads, ...configuration.fit });
  return network.digest();
}

/**
 * The table of docs/determinism.md.
 *
 * @param {readonly import('./digest-cases.d.mts').Configuration[]} configurations
 */
export function digestTable(configurations) {
  const rows = configurations.map(({ name, network, fit, digest }) => {
    const { arithmetic: _, layers, ...others } = network;
    const options = { ...others, ...fit };
    return `| ${name} | ${layers.join('-')} | \`${JSON.stringify(options).slice(1, -1).replaceAll('"', '')}\` | \`${digest}\` |`;
  });
  return ['| configuration | layers | options | digest |', '|---|---|---|---|', ...rows].join('\n');
}

/** Trains on a file as a stream, and prints how many examples there were and the most memory that it took, in bytes. */
import { Network, streamTable } from '../../dist/index.js';

const [file = '', columns = '1'] = process.argv.slice(2);
const { examples } = await streamTable(file, { label: 'label', task: 'classify' });
const network = new Network({ layers: [Number(columns), 8, 2] });
const run = await network.fit(examples(), { learningRate: 0.01 });
console.log(JSON.stringify({ examples: run.examples, peak: process.resourceUsage().maxRSS * 1024 }));

import type { CommandEntry } from './command.js';

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'mnist',
    summary: 'train on the 60,000 handwritten digits that come with the package',
    load: () => import('./commands/mnist.js'),
  },
  {
    name: 'train',
    summary: 'train on a table, images, a stream or a named data set',
    load: () => import('./commands/train.js'),
  },
  {
    name: 'evaluate',
    summary: 'measure a trained model on data that it has not seen',
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'predict',
    summary: 'let a trained model predict rows from a file or standard input',
    load: () => import('./commands/predict.js'),
  },
  {
    name: 'stream',
    summary: 'learn rows as they come, each predicted first: CSV, JSON lines, Parquet, a pipe',
    load: () => import('./commands/stream.js'),
  },
  {
    name: 'serve',
    summary: 'predict and learn by HTTP, and lose nothing that was acknowledged',
    load: () => import('./commands/serve.js'),
  },
  {
    name: 'replay',
    summary: 'make a model from the journal of serve, up to any point',
    load: () => import('./commands/replay.js'),
  },
  {
    name: 'datasets',
    summary: 'list the data sets that have a name here, and download them',
    load: () => import('./commands/datasets.js'),
  },
  {
    name: 'inspect',
    summary: 'show what is in a model: layers, edges, number formats, weights',
    load: () => import('./commands/inspect.js'),
  },
  {
    name: 'report',
    summary: 'write a web page about one or more runs: curves, mistakes, weights',
    load: () => import('./commands/report.js'),
  },
  {
    name: 'export',
    summary: 'write a model as ONNX, C, NumPy arrays or safetensors, a run log for TensorBoard',
    load: () => import('./commands/export.js'),
  },
  {
    name: 'import',
    summary: 'make a model from weights or masks of another program',
    load: () => import('./commands/import.js'),
  },
  {
    name: 'verify',
    summary: "compare this package with the hardware's own results, number by number",
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'plan',
    summary: 'map a network to hardware: parallelism, clock cycles, multipliers, memories',
    load: () => import('./commands/plan.js'),
  },
  {
    name: 'fixture',
    summary: 'write golden vectors to check a hardware design against, and memory initialisation files',
    load: () => import('./commands/fixture.js'),
  },
  {
    name: 'reproduce',
    summary: 'repeat published experiments: bit widths, interleavers, accuracy, density',
    load: () => import('./commands/reproduce.js'),
  },
  {
    name: 'search',
    summary: 'try many networks and settings, and find the best ones',
    load: () => import('./commands/search.js'),
  },
  {
    name: 'worker',
    summary: 'train for a search that another machine conducts',
    load: () => import('./commands/worker.js'),
  },
  {
    name: 'bench',
    summary: 'measure speed on this machine, against its limits and against other programs',
    load: () => import('./commands/bench.js'),
  },
  {
    name: 'completion',
    summary: 'print a script that lets bash, zsh or fish complete command lines',
    load: () => import('./commands/completion.js'),
  },
];

import { PACKAGE_ROOT } from '../base/package.js';
import { loadDataset, type TrainTest } from '../catalog/registry.js';
import { Dataset } from '../data/dataset.js';
import { kernelSets } from '../engine/kernel-sets.js';
import { canMeasure, measuring, measuringAdvice } from '../engine/measuring.js';
import { COMPARED_CASES } from './against/cases.js';
import { compareBuilds } from './against/compare-builds.js';
import { Crew } from './baselines/crew.js';
import type { BaselinePlaces } from './baselines/places.js';
import { measureBatch } from './batch.js';
import { measureLearn } from './calls.js';
import { benchMachine, load, versions } from './environment.js';
import { measureHardware } from './hardware.js';
import { measureKernels } from './kernels.js';
import { measureLimits } from './limits.js';
import { measureMemory } from './memory.js';
import { measureOnline } from './online.js';
import type { BenchPlan } from './plan.js';
import { measurePredict } from './predict.js';
import { type BenchResult, RESULT_FORMAT } from './result.js';
import { measureSoak } from './soak/soak.js';
import { measureTimeToAccuracy } from './time-to-accuracy.js';

/** The parts of `all`, in order. */
export const USUAL_PARTS = [
  'online',
  'predict',
  'learn',
  'time-to-accuracy',
  'kernels',
  'batch',
  'memory',
  'hardware',
] as const;

/** All parts. */
export const PARTS = [...USUAL_PARTS, 'soak'] as const;

/** A part, or the comparison with the build of {@link BenchPlan.against}. */
export type Part = (typeof PARTS)[number] | 'against';

/** The paths that a run needs. */
export interface Places {
  /** The main module of the command line. */
  readonly program: string;
  /** The folder of result files. */
  readonly results: string;
  /** The folders of the baselines; by default those of this installation. */
  readonly baselines?: BaselinePlaces | undefined;
}

/** The parts that compare with baselines. */
const COMPARING: readonly Part[] = ['online', 'predict', 'time-to-accuracy', 'batch'];

/** The parts that compare with the limits of a core. */
const LIMITED: readonly Part[] = ['online', 'kernels', 'batch'];

/** The parts that an installation without the measuring addon leaves out. */
const OMITTED = `the limits of a core, single kernels and the passes of mini-batches: they are measured by an addon that packages do not contain; build it with: ${measuringAdvice()}`;

/** Measures the requested parts. */
export async function runBench(
  plan: BenchPlan,
  parts: readonly Part[],
  places: Places,
): Promise<BenchResult> {
  const loadBefore = load();
  const begun = performance.now();
  const wanted = (part: Part) => parts.includes(part);
  if (parts.every((part) => part === 'kernels')) measuring(); // if it is missing, the error says how to build it
  const compares = parts.some((part) => COMPARING.includes(part));
  // Memory is measured first, while this process is still small.
  const memory = wanted('memory') ? await measureMemory(plan, places.program) : undefined;
  const whole = await loadDataset('mnist');
  const data = plan.quick ? firstRows(whole) : whole;
  const crew = await Crew.start(compares ? plan : { ...plan, baselines: [] }, places.baselines);
  try {
    const limits =
      canMeasure() && parts.some((part) => LIMITED.includes(part))
        ? measureLimits(plan, kernelSets())
        : undefined;
    const online = wanted('online') ? await measureOnline(plan, data, crew) : undefined;
    const predict = wanted('predict') ? await measurePredict(plan, data, crew) : undefined;
    const learn = wanted('learn') ? await measureLearn(plan, data) : undefined;
    const timeToAccuracy = wanted('time-to-accuracy')
      ? await measureTimeToAccuracy(plan, data, crew, places.results)
      : undefined;
    const kernels =
      wanted('kernels') && canMeasure() ? measureKernels(plan, data.train, limits ?? []) : undefined;
    const batch = wanted('batch') ? await measureBatch(plan, data, crew, limits ?? []) : undefined;
    const hardware = wanted('hardware') ? await measureHardware(plan, data.train) : undefined;
    const against =
      wanted('against') && plan.against !== undefined
        ? await compareBuilds(PACKAGE_ROOT, plan.against, {
            ...plan,
            cases: COMPARED_CASES.filter(({ kernelSet }) => isAvailable(kernelSet)),
          })
        : undefined;
    const soak = wanted('soak') ? await measureSoak({ ...plan, ...plan.soak }, data) : undefined;
    return {
      format: RESULT_FORMAT,
      version: 1,
      takenAt: new Date().toISOString(),
      quick: plan.quick,
      seconds: Math.round((performance.now() - begun) / 1000),
      machine: benchMachine(loadBefore),
      versions: versions(),
      ...(!canMeasure() && parts.some((part) => LIMITED.includes(part)) && { omitted: OMITTED }),
      ...(limits && { limits }),
      ...(online && { online }),
      ...(predict && { predict }),
      ...(learn && { learn }),
      ...(timeToAccuracy && { timeToAccuracy }),
      ...(kernels && { kernels }),
      ...(batch && { batch }),
      ...(memory && { memory }),
      ...(hardware && { hardware }),
      ...(soak && { soak }),
      ...(against && { against }),
      baselines: crew.statuses,
    };
  } finally {
    crew.close();
  }
}

/** Whether this machine has a kernel set; the best one if none is named. */
function isAvailable(kernelSet: string | undefined): boolean {
  return kernelSet === undefined || kernelSets().some((one) => one === kernelSet);
}

/** The first tenth of the data, for quick runs. */
function firstRows({ train, test }: TrainTest): TrainTest {
  const [first, second] = [train, test].map(({ inputs, targets, rows }) => {
    if (targets.kind !== 'classes') throw new TypeError('the data must have classes');
    const count = Math.floor(rows / 10);
    return Dataset.from({
      inputs: inputs.data.subarray(0, count * inputs.columns) as Uint8Array,
      columns: inputs.columns,
      labels: targets.labels.subarray(0, count),
      classes: targets.classes,
    });
  });
  return { train: first as Dataset, test: second as Dataset };
}

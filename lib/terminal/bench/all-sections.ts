import type { BenchResult } from '../../bench/result.js';
import type { BaselineDocument, Named } from '../../bench/result-files.js';
import { againstSection } from './against.js';
import { batchSection } from './batch.js';
import type { Section } from './format.js';
import { hardwareSection } from './hardware.js';
import { kernelSection } from './roofline.js';
import {
  accuracySection,
  baselineSection,
  gpuSection,
  learnSection,
  machineSection,
  memorySection,
  onlineSection,
  predictSection,
  rivalSection,
} from './sections.js';
import { soakSection } from './soak.js';

export type Baselines = readonly Named<BaselineDocument>[];

/** The sections of a report by name; undefined without measurements for it. */
type Sections = Readonly<Record<string, (result: BenchResult, baselines: Baselines) => Section | undefined>>;

const SECTIONS = {
  machine: machineSection,
  online: (result) => result.online && onlineSection(result),
  predict: (result) => result.predict && predictSection(result),
  learn: (result) => result.learn && learnSection(result),
  accuracy: (result) => result.timeToAccuracy && accuracySection(result),
  kernels: (result) => result.kernels && kernelSection(result),
  batch: (result) => result.batch && batchSection(result),
  memory: (result) => result.memory && memorySection(result),
  hardware: (result) => result.hardware && hardwareSection(result),
  against: (result) => result.against && againstSection(result),
  soak: ({ soak }) => soak && soakSection(soak),
  gpu: gpuSection,
  baselines: baselineSection,
  rivals: rivalSection,
} satisfies Sections;

export type SectionName = keyof typeof SECTIONS;

/** The sections of these names, in this order, without those that have no measurements. */
export function sectionsOf(
  result: BenchResult,
  baselines: Baselines,
  names: readonly SectionName[],
): Section[] {
  return names.flatMap((name) => SECTIONS[name](result, baselines) ?? []);
}

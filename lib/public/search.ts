/**
 * Studies search over options of networks and training, with samplers, pruners and a journal. {@link createStudy} opens
 * one and {@link runStudy} runs it; `ask()` and `tell()` of a {@link Study} search anything else that gives a number.
 *
 * @module sparse-train/search
 */

export type {
  AshaOption,
  Direction,
  HyperbandOption,
  MedianOption,
  NsgaOption,
  Objective,
  PrunerName,
  PrunerOption,
  SamplerName,
  SamplerOption,
  StudyData,
  StudyDefinition,
  StudyHardware,
  TpeOption,
} from '../search/definition/definition.js';
export { createStudy, runStudy } from '../search/index.js';
export type { StudyOptions } from '../search/open.js';
export type { TrialRecord, TrialResult, TrialState } from '../search/records.js';
export type { RunStudyOptions, StudyEvent } from '../search/run.js';
export type {
  CategoricalParameter,
  Condition,
  FloatParameter,
  IntParameter,
  Parameter,
  Parameters,
  ParameterValue,
} from '../search/space/parameter.js';
export type { Study, Trial, TrialOutcome } from '../search/study.js';
export type { Template } from '../search/template.js';
export type { TrialMeasure } from '../search/trial/measures.js';

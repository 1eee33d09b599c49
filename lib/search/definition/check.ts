import { invalidOption, SparseTrainError, unknownName } from '../../base/errors.js';
import { DEVICES, type Device, findDevice } from '../../hardware/devices.js';
import type { Budget } from '../../hardware/plan/types.js';
import { type Constraint, parseConstraint, QUANTITIES } from '../space/constraint.js';
import type { Parameter, ParameterValue } from '../space/parameter.js';
import { Space } from '../space/space.js';
import { namesIn, type Template } from '../template.js';
import { EPOCH_MEASURES, isEpochMeasure, RUN_MEASURES, usualDirection } from '../trial/measures.js';
import { checkTrialFit } from '../trial/task.js';
import type { Direction, StudyDefinition } from './definition.js';
import { findForeign, isTooDeep } from './nesting.js';
import {
  type ParsedDefinition,
  type PrunerSettings,
  parseDefinition,
  type SamplerSettings,
  samplerKind,
} from './tables.js';

/** A checked {@link StudyDefinition} with every default filled in. */
export interface StudyPlan {
  readonly name: string;
  readonly trials: number;
  readonly seed: number;
  readonly sampler: SamplerSettings;
  readonly pruner: PrunerSettings;
  readonly objectives: readonly { readonly measure: string; readonly direction: Direction }[];
  readonly space: Space;
  readonly constraints: readonly Constraint[];
  /** The network and data to train with; undefined for a study that only uses ask() and tell(). */
  readonly training: TrainingPlan | undefined;
  /** The parsed definition, for the journal. */
  readonly parsed: ParsedDefinition;
}

/** The networks that a study's trials train, and the data. */
export interface TrainingPlan {
  readonly network: Template;
  readonly fit: Template;
  /** The number of trainings of each trial, with different seeds; undefined for one. */
  readonly repeats: number | undefined;
  readonly data: ParsedDefinition['data'];
  readonly budget: Budget;
  /** The measure that is reported after every epoch. */
  readonly epochMeasure: string;
}

/**
 * Checks a study's definition and fills in its defaults.
 *
 * @param fallbackName - for a definition without a name
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION: with the place in the definition, the value, what is allowed
 */
export function checkDefinition(definition: StudyDefinition, fallbackName: string): StudyPlan {
  if (isTooDeep(definition)) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      'a study has no lists or objects within each other for more than 64 levels, and none that contain themselves',
    );
  }
  const foreign = findForeign(definition);
  if (foreign !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `${foreign.path.join('.') || 'a study'} must be plain data, as JSON has it, but it is ${foreign.what}`,
    );
  }
  const parsed = parseDefinition(definition);
  const names = Object.keys(parsed.space);
  for (const name of names) checkParameter(`space.${name}`, parsed.space[name] as Parameter, parsed.space);
  const space = new Space(parsed.space);
  const objectives = checkObjectives(parsed);
  const constraints = parsed.constraints.map((text, i) =>
    parseConstraint(`constraints[${i}]`, text, [
      ...names,
      ...(parsed.network === undefined ? [] : QUANTITIES),
    ]),
  );
  const sampler = checkSampler(parsed, space);
  checkPruner(parsed);
  return {
    name: parsed.name ?? fallbackName,
    trials: parsed.trials,
    seed: parsed.seed,
    sampler,
    pruner: parsed.pruner,
    objectives,
    space,
    constraints,
    training: checkTraining(parsed, objectives[0]?.measure ?? ''),
    parsed,
  };
}

function checkParameter(path: string, parameter: Parameter, all: ParsedDefinition['space']): void {
  if (parameter.kind === 'categorical') {
    const texts = parameter.choices.map((choice) => JSON.stringify(choice));
    const twice = texts.findIndex((text, i) => texts.indexOf(text) < i);
    if (twice >= 0)
      throw new SparseTrainError(
        'INVALID_OPTION',
        `${path}.choices has ${texts[twice]} twice; leave one out`,
      );
  } else {
    const { low, high, log = false, step } = parameter;
    if (high < low) throw invalidOption(`${path}.high`, `at least ${low}, as low is`, high);
    if (log && low <= 0) throw invalidOption(`${path}.low`, 'above 0 where log is true', low);
    if (log && step !== undefined)
      throw new SparseTrainError('INVALID_OPTION', `${path} has both log and step; leave one out`);
  }
  for (const [other, wanted] of Object.entries(parameter.when ?? {})) {
    const asked = all[other];
    if (asked === undefined)
      throw unknownName('INVALID_OPTION', `parameter in ${path}.when:`, other, Object.keys(all));
    checkWanted(`${path}.when.${other}`, wanted as ParameterValue, asked as Parameter);
  }
}

/** Refuses a condition that can never hold. */
function checkWanted(path: string, wanted: ParameterValue, asked: Parameter): void {
  const values: readonly ParameterValue[] = Array.isArray(wanted) ? wanted : [wanted as ParameterValue];
  for (const value of values) {
    if (asked.kind !== 'categorical') {
      if (typeof value === 'number' && value >= asked.low && value <= asked.high) continue;
      throw invalidOption(
        path,
        `a number from ${asked.low} to ${asked.high}, which the parameter can be`,
        value,
      );
    }
    const texts = asked.choices.map((choice) => JSON.stringify(choice));
    if (texts.includes(JSON.stringify(value)) || texts.includes(JSON.stringify(wanted))) continue;
    if (typeof value === 'string')
      throw unknownName('INVALID_OPTION', `choice in ${path}:`, value, asked.choices.map(String));
    throw invalidOption(path, `one of ${texts.join(', ')}`, value);
  }
}

function checkObjectives({ objectives, network }: ParsedDefinition) {
  const known = [...Object.keys(EPOCH_MEASURES), ...Object.keys(RUN_MEASURES)];
  for (const [i, { measure }] of objectives.entries()) {
    const path = `objectives[${i}].measure`;
    if (network !== undefined && !known.includes(measure))
      throw unknownName('INVALID_OPTION', `${path}:`, measure, known);
    if (objectives.findIndex((other) => other.measure === measure) < i)
      throw new SparseTrainError('INVALID_OPTION', `${path}: ${measure} is an objective already`);
  }
  return objectives.map(({ measure, direction = usualDirection(measure) }) => ({ measure, direction }));
}

function checkSampler({ sampler, objectives }: ParsedDefinition, space: Space): SamplerSettings {
  const chosen = sampler ?? samplerKind.check('sampler', objectives.length > 1 ? 'nsga2' : 'tpe');
  if (chosen.kind === 'grid') {
    const endless = space.axes.find(({ size }) => size === Number.POSITIVE_INFINITY);
    if (endless !== undefined) {
      throw new SparseTrainError(
        'INVALID_OPTION',
        `space.${endless.name} has no step, so a grid over it has no end; give it one, or use another sampler`,
      );
    }
  }
  return chosen;
}

function checkPruner({ pruner, objectives, network }: ParsedDefinition): void {
  if (pruner.kind === 'none') return;
  if (objectives.length > 1) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `pruner is "${pruner.kind}", which compares trials by one objective, but there are ${objectives.length}; ` +
        'use "none" or one objective',
    );
  }
  const measure = objectives[0]?.measure ?? '';
  if (network !== undefined && !isEpochMeasure(measure)) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `pruner is "${pruner.kind}", but ${measure} is known only when a trial has ended; objectives that are known ` +
        `after every epoch are ${Object.keys(EPOCH_MEASURES).join(', ')}`,
    );
  }
  if (pruner.kind === 'hyperband' && pruner.maxEpochs < pruner.minEpochs)
    throw invalidOption(
      'pruner.maxEpochs',
      `at least ${pruner.minEpochs}, as minEpochs is`,
      pruner.maxEpochs,
    );
}

function checkTraining(parsed: ParsedDefinition, firstMeasure: string): TrainingPlan | undefined {
  const { network, fit, repeats, space, data, hardware } = parsed;
  if (network === undefined) {
    if (repeats === undefined) return undefined;
    throw new SparseTrainError(
      'INVALID_OPTION',
      'repeats is for studies with a network; whoever calls ask() and tell() repeats trainings and tells their mean',
    );
  }
  checkTrialFit(fit);
  const known = Object.keys(space);
  const used = new Set([...namesIn('network', network, known), ...namesIn('fit', fit, known)]);
  for (const parameter of Object.values(space))
    for (const name of Object.keys(parameter.when ?? {})) used.add(name);
  const unused = known.find((name) => !used.has(name));
  if (unused !== undefined) {
    throw new SparseTrainError(
      'INVALID_OPTION',
      `space.${unused} is used nowhere; write "$${unused}" where its value goes in network or fit, or leave it out`,
    );
  }
  const { device, ...limits } = hardware;
  return {
    network,
    fit,
    repeats,
    data,
    budget: { ...limits, device: device === undefined ? undefined : knownDevice(device) },
    epochMeasure: isEpochMeasure(firstMeasure) ? firstMeasure : 'loss',
  };
}

function knownDevice(name: string): Device {
  const device = findDevice(name);
  if (device !== undefined) return device;
  throw unknownName(
    'INVALID_OPTION',
    'hardware.device',
    name,
    DEVICES.map((known) => known.name),
  );
}

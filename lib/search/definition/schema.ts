/** The schema of a study's definition; check.ts checks what depends on several parts. */
import { z } from 'zod';
import type { ParameterValue } from '../space/parameter.js';
import type { ParsedDefinition } from './parsed.js';
import { definitionError } from './problems.js';

const value: z.ZodType<ParameterValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(value), z.record(z.string(), value)]),
);

const condition = z.record(z.string(), value);
const positiveWhole = z.int().min(1);
const probability = z.number().min(0).max(1);

const range = {
  low: z.number(),
  high: z.number(),
  log: z.boolean().optional(),
  when: condition.optional(),
};

const parameter = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('float'), ...range, step: z.number().positive().optional() }),
  z.strictObject({
    kind: z.literal('int'),
    ...range,
    low: z.int(),
    high: z.int(),
    step: positiveWhole.optional(),
  }),
  z.strictObject({
    kind: z.literal('categorical'),
    choices: z.array(value).min(1),
    when: condition.optional(),
  }),
]);

const samplerSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('grid') }),
  z.strictObject({ kind: z.literal('random') }),
  z.strictObject({ kind: z.literal('sobol') }),
  z.strictObject({
    kind: z.literal('tpe'),
    startupTrials: positiveWhole.default(10),
    candidates: positiveWhole.max(10_000).default(24),
    multivariate: z.boolean().default(true),
  }),
  z.strictObject({
    kind: z.literal('nsga2'),
    population: z.int().min(4).max(10_000).default(40),
    crossover: probability.default(0.9),
    mutation: probability.optional(),
  }),
]);

const prunerSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('median'),
    startupTrials: positiveWhole.default(5),
    warmupEpochs: z.int().min(0).default(0),
  }),
  z.strictObject({
    kind: z.literal('asha'),
    minEpochs: positiveWhole.default(1),
    reduction: z.int().min(2).default(4),
  }),
  z.strictObject({
    kind: z.literal('hyperband'),
    minEpochs: positiveWhole.default(1),
    maxEpochs: positiveWhole,
    reduction: z.int().min(2).default(3),
  }),
]);

/** A name instead of an object that has only a kind. */
const named = <T extends z.ZodType>(settings: T) =>
  z.preprocess((given) => (typeof given === 'string' ? { kind: given } : given), settings);

const data = z.preprocess(
  (given) => (typeof given === 'string' ? { name: given } : given),
  z.strictObject({
    name: z.string().min(1),
    directory: z.string().min(1).optional(),
    rows: positiveWhole.optional(),
    validation: z
      .union([z.literal('test'), z.number().gt(0).lt(1)], {
        error: "expected 'test' or a number above 0 and below 1 (the share of rows to set aside)",
      })
      .default(0.1),
  }),
);

const template = z.record(z.string(), value);

/** The whole definition. */
const definitionSchema = z.strictObject({
  name: z.string().min(1).optional(),
  trials: positiveWhole.max(10_000_000).default(100),
  seed: z.int().min(0).default(1),
  sampler: named(samplerSettings).optional(),
  pruner: named(prunerSettings).default({ kind: 'none' }),
  objectives: z
    .array(
      z.strictObject({
        measure: z.string().min(1),
        direction: z.enum(['maximize', 'minimize']).optional(),
      }),
    )
    .min(1)
    .default([{ measure: 'accuracy' }]),
  space: z.record(z.string().regex(/^[A-Za-z_][\w.-]*$/), parameter),
  constraints: z.array(z.string()).default([]),
  data: data.default({ name: 'mnist', validation: 0.1 }),
  network: template.optional(),
  fit: template.default({}),
  hardware: z
    .strictObject({
      multipliers: positiveWhole.optional(),
      memoryBits: positiveWhole.optional(),
      memoryBlocks: positiveWhole.optional(),
      lutRams: positiveWhole.optional(),
      device: z.string().optional(),
    })
    .default({}),
}) satisfies z.ZodType<ParsedDefinition>;

/** All names that a definition may contain, to suggest the nearest one. */
const NAMES: readonly string[] = [
  ...new Set([
    ...Object.keys(definitionSchema.shape),
    ...[...parameter.options, ...samplerSettings.options, ...prunerSettings.options].flatMap((option) =>
      Object.keys(option.shape),
    ),
    ...['measure', 'direction', 'directory', 'rows', 'validation'],
    ...['multipliers', 'memoryBits', 'memoryBlocks', 'lutRams', 'device'],
  ]),
];

/**
 * Parses a study's definition and fills in its defaults.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION: with the place in the definition, the value, what is allowed
 */
export function parseDefinition(definition: unknown): ParsedDefinition {
  const outcome = definitionSchema.safeParse(definition, { reportInput: true });
  if (!outcome.success) throw definitionError(outcome.error, NAMES);
  return outcome.data;
}

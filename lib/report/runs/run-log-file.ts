import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { SparseTrainError } from '../../base/errors.js';

/** JSON has null for NaN and infinity. */
const measured = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const counts = z.array(z.number());
const named = z.object({ name: z.string(), support: z.number() });

const startLine = z.object({
  run: z.string(),
  time: z.string().optional(),
  version: z.string().optional(),
  network: z.looseObject({
    layers: z.array(z.number().int().positive()).min(2),
    output: z.string().optional(),
    schedule: z.string().optional(),
    seed: z.number().optional(),
    arithmetic: z.looseObject({ kind: z.string() }).optional(),
  }),
  edges: counts.optional(),
  fit: z.looseObject({
    epochs: z.number().optional(),
    seed: z.number().optional(),
    threads: z.number().optional(),
    validation: z.number().optional(),
  }),
  data: z.looseObject({
    rows: z.number().optional(),
    validationRows: z.number().optional(),
    features: z.number().optional(),
    outputs: z.number().optional(),
  }),
  kernelSet: z.string().optional(),
  machine: z
    .looseObject({
      cpu: z.string().optional(),
      cores: z.number().optional(),
      memoryBytes: z.number().optional(),
      platform: z.string().optional(),
      arch: z.string().optional(),
      node: z.string().optional(),
    })
    .optional(),
  context: z
    .looseObject({
      command: z.array(z.string()).optional(),
      data: z.object({ name: z.string(), origin: z.record(z.string(), z.unknown()) }).optional(),
      measured: z.enum(['test', 'validation']).nullish(),
    })
    .optional(),
});

const epochLine = z.object({
  run: z.string(),
  epoch: z.number(),
  examples: z.number(),
  learningRate: measured,
  loss: measured,
  accuracy: measured,
  seconds: measured,
  samplesPerSecond: measured,
  validation: z.record(z.string(), measured).optional(),
  saturation: z
    .object({
      weightsAtLimit: counts,
      activationsClipped: counts,
      deltasClipped: counts,
      batchSteps: counts.optional(),
      stepsRoundedToZero: counts.optional(),
    })
    .optional(),
});

/** Enough of metrics to show them; what is not known is left out. */
const metrics = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('classification'),
    examples: z.number(),
    loss: measured,
    accuracy: z.number(),
    confusion: z.array(counts),
    perClass: z.array(named.extend({ precision: z.number(), recall: z.number(), f1: z.number() })),
  }),
  z.object({
    kind: z.literal('multilabel'),
    examples: z.number(),
    loss: measured,
    accuracy: z.number(),
    exactMatch: z.number(),
    perLabel: z.array(named.extend({ precision: z.number(), recall: z.number(), f1: z.number() })),
  }),
  z.object({
    kind: z.literal('regression'),
    examples: z.number(),
    loss: measured,
    rmse: z.number(),
    mae: z.number(),
    r2: z.number(),
    perOutput: z.array(z.object({ name: z.string(), rmse: z.number(), mae: z.number(), r2: z.number() })),
  }),
]);

const endLine = z.object({
  run: z.string(),
  stopped: z.string(),
  error: z.string().optional(),
  epochs: z.number().optional(),
  examples: z.number().optional(),
  trainSeconds: measured,
  seconds: measured,
  samplesPerSecond: measured,
  validation: metrics.optional().catch(undefined),
  best: z.looseObject({ epoch: z.number() }).optional(),
  threads: z.number().optional(),
  kernelSet: z.string().optional(),
  digest: z.string().optional(),
});

export type LoggedStart = z.infer<typeof startLine>;
export type LoggedEpoch = z.infer<typeof epochLine>;
export type LoggedEnd = z.infer<typeof endLine>;
/** Metrics as a log has them, checked. */
export type LoggedMetrics = z.infer<typeof metrics>;

/** A run of a run log; `end` is missing of one that is under way or was killed. */
export interface LoggedRun {
  readonly start: LoggedStart;
  readonly epochs: readonly LoggedEpoch[];
  readonly end: LoggedEnd | undefined;
}

/**
 * Reads all runs of a run log, in the order in which they began. Lines that a crash tore are passed over.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE if there is no run in it, or a line is not what
 * a run log has
 */
export async function readRunLog(file: string): Promise<LoggedRun[]> {
  return parseRunLog(await readLogText(file), file);
}

/** The runs of a run log's text; `file` is for messages. */
export function parseRunLog(text: string, file: string): LoggedRun[] {
  const runs = new Map<string, { start: LoggedStart; epochs: LoggedEpoch[]; end: LoggedEnd | undefined }>();
  for (const [i, line] of text.split('\n').entries()) {
    const json = parsed(line);
    if (json === undefined) continue;
    const { type, run } = json as { type?: unknown; run?: unknown };
    const known = runs.get(String(run));
    const where = `${file}, line ${i + 1}`;
    if (type === 'start')
      runs.set(String(run), { start: checked(startLine, json, where), epochs: [], end: undefined });
    if (type === 'epoch') known?.epochs.push(checked(epochLine, json, where));
    if (type === 'end' && known !== undefined) known.end = checked(endLine, json, where);
  }
  if (runs.size === 0)
    throw new SparseTrainError('INVALID_FILE', `${file} is not a run log: no line of it begins a run`);
  return [...runs.values()];
}

async function readLogText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SparseTrainError('FILE_NOT_FOUND', `there is no file ${file}`, { cause: error });
    const reason = code === 'EISDIR' ? 'it is a folder' : (code ?? String(error));
    throw new SparseTrainError('FILE_ACCESS', `${file} cannot be read (${reason})`, { cause: error });
  }
}

function parsed(line: string): object | undefined {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    // An empty line, the last one of a run that is being written, or one that a crash tore.
    return undefined;
  }
}

function checked<T>(schema: z.ZodType<T>, json: object, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new SparseTrainError(
    'INVALID_FILE',
    `${where}: "${path}" is not what a run log has (${issue?.message})`,
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../base/json.js';
import { type BenchResult, RESULT_FORMAT } from './result.js';

/** The value of {@link BaselineDocument.format}. */
const BASELINE_FORMAT = 'sparse-train-baseline';

/** A document that a baseline script wrote, on this or another machine (scripts/baselines/README.md). */
export interface BaselineDocument {
  readonly format: typeof BASELINE_FORMAT;
  readonly baseline: string;
  readonly takenAt: string;
  readonly machine: { readonly cpu: string; readonly gpu?: string; readonly cores: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly BaselineRow[];
  readonly notes: readonly string[];
}

export interface BaselineRow {
  readonly measure: 'samples-per-second' | 'time-to-accuracy' | 'predict' | (string & {});
  readonly mode?: string;
  readonly layers: readonly number[];
  readonly batch: number;
  readonly threads?: number;
  readonly precision?: string;
  readonly samplesPerSecond?: number;
  readonly samplesPerSecondMin?: number;
  readonly samplesPerSecondMax?: number;
  readonly microsecondsPerStep?: number;
  readonly stepsPerGraph?: number;
  readonly seconds?: number;
  readonly secondsMin?: number;
  readonly secondsMax?: number;
  readonly epochs?: number;
  readonly accuracy?: number;
  readonly learningRate?: number;
  readonly decayEpochs?: number;
  readonly momentum?: number;
  readonly centredInput?: boolean;
  readonly reached?: number;
  readonly repeats?: number;
  readonly targetAccuracy?: number;
}

/** A result file with its name. */
export interface Named<T> {
  readonly file: string;
  readonly document: T;
}

/** All result files of a folder. */
export interface ResultFiles {
  /** Results of sparse-train, the newest first, without quick ones. */
  readonly own: readonly Named<BenchResult>[];
  readonly baselines: readonly Named<BaselineDocument>[];
}

/** Reads the result files of a folder and ignores other files. */
export function readResultFiles(folder: string): ResultFiles {
  const own: Named<BenchResult>[] = [];
  const baselines: Named<BaselineDocument>[] = [];
  for (const file of jsonFiles(folder)) {
    const document = parse(join(folder, file));
    if (document?.format === RESULT_FORMAT) own.push({ file, document: document as BenchResult });
    if (document?.format === BASELINE_FORMAT) {
      baselines.push({ file, document: document as BaselineDocument });
    }
  }
  const newest = (a: Named<BenchResult>, b: Named<BenchResult>) =>
    b.document.takenAt.localeCompare(a.document.takenAt);
  return { own: own.filter(({ document }) => !document.quick).sort(newest), baselines };
}

function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch {
    return [];
  }
}

function parse(path: string): { format?: unknown } | undefined {
  try {
    const value: unknown = parseJson(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

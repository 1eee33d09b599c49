import type { BenchResult } from '../../lib/bench/result.js';
import type { BaselineDocument, Named } from '../../lib/bench/result-files.js';

export interface Target {
  readonly what: string;
  readonly goal: string;
  readonly measured: string | undefined;
  readonly score: number | undefined;
  readonly remark?: string;
}

export function targetsOf(result: BenchResult, baselines: readonly Named<BaselineDocument>[]): Target[];
export function outcomeOf(target: Target): string;
export function boundOf(target: Target): string;
export function targetPage(result: BenchResult, baselines: readonly Named<BaselineDocument>[]): string;

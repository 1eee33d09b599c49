import type { BenchResult } from '../../lib/bench/result.js';

export function withBlock(page: string, name: string, text: string): string;
export function speedParagraph(result: BenchResult): string;
export function speedTable(result: BenchResult): string;

import type { Change } from './operators.mjs';

export type Numbered = Change & { readonly id: number };

export function instrument(source: string, mutants: readonly Numbered[]): string;

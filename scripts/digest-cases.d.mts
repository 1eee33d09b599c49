import type * as api from '../lib/index.js';

/** A training of docs/determinism.json. */
export interface Configuration {
  name: string;
  network: api.NetworkOptions;
  /** Besides two epochs. */
  fit?: api.FitOptions;
  /** Classes unless given. */
  targets?: 'labels' | 'values';
  digest: string;
}

export function digestOf(
  from: Pick<typeof api, 'Dataset' | 'Network'>,
  configuration: Omit<Configuration, 'digest'>,
  threads: number,
): Promise<string>;

/** The table of docs/determinism.md. */
export function digestTable(configurations: readonly Configuration[]): string;

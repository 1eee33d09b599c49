import { availableParallelism, cpus, totalmem } from 'node:os';

/** The machine of a run, with everything that its speed depends on. */
export interface Machine {
  cpu: string;
  /** Hardware threads that this process may use. */
  cores: number;
  memoryBytes: number;
  platform: string;
  arch: string;
  node: string;
}

/** Describes this machine. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: process.platform,
    arch: process.arch,
    node: process.version,
  };
}

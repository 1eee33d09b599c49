import { SparseTrainError } from '../../../base/errors.js';
import { thisMachine } from '../../../base/machine.js';
import { warn } from '../../../base/warning.js';
import { engineVersion } from '../../../engine/kernel-sets.js';
import { networkDigest } from '../../../network/digest.js';
import { describeOptions } from '../../../network/options.js';
import type { Checkpoint } from '../../checkpoint/checkpoint.js';
import type { CheckpointOutcome } from '../../checkpoint/checkpointer.js';
import type { EpochRecord, TrainingRun } from '../../records.js';
import type { RunContext, RunObserver } from '../observer.js';
import { RunLog } from '../run-log.js';

/** Writes the run log. */
export class LogObserver implements RunObserver {
  readonly #run: Pick<RunContext, 'core' | 'plan' | 'data' | 'state'>;
  readonly #resumed: Checkpoint | undefined;
  readonly #log: RunLog;
  #hasBegun = false;

  /** @throws SparseTrainError FILE_NOT_FOUND or FILE_ACCESS if the log cannot be written */
  constructor(
    run: Pick<RunContext, 'core' | 'plan' | 'data' | 'state'>,
    file: string,
    resumed: Checkpoint | undefined,
  ) {
    this.#run = run;
    this.#resumed = resumed;
    this.#log = new RunLog(file, run.state.id);
  }

  /** @throws SparseTrainError FILE_ACCESS; nothing has been trained yet that this could cost */
  begin(): void {
    if (this.#resumed === undefined) {
      this.#log.write('start', this.#configuration());
    } else {
      const { epochs, examples } = this.#resumed.position;
      this.#log.write('resume', { epochs: epochs.length, examples, ...this.#configuration() });
    }
    this.#hasBegun = true;
  }

  epochEnded(record: EpochRecord): void {
    this.#write('epoch', record);
  }

  checkpointWritten({ file, examples, error }: CheckpointOutcome): void {
    this.#write('checkpoint', { file, examples, error: error?.message });
  }

  ended({ id: _, epochs, ...summary }: TrainingRun): void {
    // The digest says which model file belongs to the run.
    const { core } = this.#run;
    core.drain();
    const digest = networkDigest(core.engine, core.junctionCount);
    // What a stream holds is known only at its end; the first line has the counts of a data set.
    const clippedInputs = this.#run.data.train === undefined ? core.clippedInputs : undefined;
    this.#write('end', { ...summary, epochs: epochs.length, digest, clippedInputs });
  }

  failed(error: unknown): void {
    if (!this.#hasBegun) return;
    const { epochs, examples } = this.#run.state;
    const message = error instanceof Error ? error.message : String(error);
    this.#write('end', { stopped: 'failed', error: message, epochs: epochs.length, examples });
  }

  close(): void {
    this.#attempt(() => this.#log.close());
  }

  #write(type: 'epoch' | 'checkpoint' | 'end', fields: object): void {
    this.#attempt(() => this.#log.write(type, fields));
  }

  /**
   * Writes if possible. What has been learned is worth more than its log, so a full disk costs lines and not the
   * run; each line is tried anew.
   */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      warn('LOG_INCOMPLETE', `${error.message}; training is not affected`);
    }
  }

  #configuration(): object {
    const { core, plan, data } = this.#run;
    const { scaling, ...network } = describeOptions(core.options);
    const {
      validation,
      signal: _signal,
      onProgress: _onProgress,
      onEpoch: _onEpoch,
      onCheckpoint: _onCheckpoint,
      log: _log,
      logContext,
      ...fit
    } = plan;
    return {
      version: engineVersion(),
      network: { ...network, scaling: typeof scaling === 'object' ? scaling.kind : scaling },
      edges: core.engine.junctions().map((junction) => junction.edges),
      fit: { ...fit, validation: typeof validation === 'number' ? validation : undefined },
      data: {
        kind: data.train === undefined ? 'stream' : 'dataset',
        rows: data.train?.rows,
        validationRows: data.validation?.rows,
        features: core.inputs,
        outputs: core.outputs,
        clippedInputs: data.train === undefined ? undefined : core.clippedInputs,
      },
      kernelSet: core.engine.kernelSet,
      machine: thisMachine(),
      context: logContext,
    };
  }
}

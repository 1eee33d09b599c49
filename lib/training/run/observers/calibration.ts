import { predictRows } from '../../../network/batch.js';
import { applyTemperature, bothClasses, fitTemperature } from '../../calibration.js';
import { evaluateExamples } from '../../evaluation.js';
import type { FitPlan } from '../../fit-options.js';
import { type Metrics, scalarMetrics } from '../../metrics.js';
import type { RunContext, RunObserver } from '../observer.js';

/** Calibrates the probabilities of a network at the end of its training. */
export class CalibrationObserver implements RunObserver {
  readonly #run: RunContext;
  readonly #option: NonNullable<FitPlan['calibration']>;
  #temperature: number | undefined;

  constructor(run: RunContext, option: NonNullable<FitPlan['calibration']>) {
    this.#run = run;
    this.#option = option;
  }

  /** What the sums of the last layer have been divided by, once that has been done. */
  get temperature(): number | undefined {
    return this.#temperature;
  }

  async trained(): Promise<{ validation: Metrics | undefined } | undefined> {
    const { core, plan, data, interruption } = this.#run;
    const { validation } = data;
    if (interruption.stopped) return undefined;
    const temperature = this.#option === 'validation' ? await this.#fitted() : this.#option;
    this.#temperature = await core.turns.take(async () => applyTemperature(core, temperature));
    if (validation === undefined) return undefined;
    const metrics = await evaluateExamples(core, validation, plan.threads, interruption);
    if (metrics !== undefined) core.training = { ...core.training, validation: scalarMetrics(metrics) };
    return { validation: metrics };
  }

  async #fitted(): Promise<number> {
    const { core, plan, data } = this.#run;
    if (data.validation?.targets.kind !== 'classes') return 1;
    const { inputs, targets } = data.validation;
    const { scores } = await predictRows(core, inputs, plan.threads);
    return core.isYesOrNo
      ? fitTemperature(bothClasses(scores), targets.labels, 2)
      : fitTemperature(scores, targets.labels, core.outputs);
  }
}

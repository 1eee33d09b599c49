import { count, percent } from '../../base/numbers.js';
import { LiveRun } from '../../report/dashboard/live-run.js';
import { DashboardServer } from '../../report/dashboard/server.js';
import { dashboardPage } from '../../report/html/dashboard-page.js';
import type { MeasuredPart } from '../../terminal/training-result.js';
import { describeArithmetic, describeFunctions } from '../../terminal/training-text.js';
import type { Network } from '../../training/network.js';
import type { EpochRecord, StopReason, TrainingProgress } from '../../training/records.js';
import { interruptible } from '../interruption.js';
import type { DashboardTask } from '../settings/dashboard.js';
import type { Terminal } from '../terminal.js';

/** The run that the dashboard shows. */
export interface WatchedRun {
  readonly name: string;
  readonly measured: MeasuredPart;
  readonly line: readonly string[];
}

/** How a run ended, for viewers. */
const ENDED: Readonly<Record<StopReason, string>> = {
  finished: 'finished',
  early: 'stopped early: it no longer improved',
  aborted: 'interrupted',
};

/** The dashboard of a run; without --dashboard it does nothing. */
export class RunDashboard {
  readonly #task: DashboardTask | undefined;
  readonly #run: LiveRun;
  readonly #server: DashboardServer | undefined;
  readonly #terminal: Terminal;

  private constructor(
    task: DashboardTask | undefined,
    server: DashboardServer | undefined,
    run: LiveRun,
    terminal: Terminal,
  ) {
    this.#task = task;
    this.#server = server;
    this.#run = run;
    this.#terminal = terminal;
  }

  /**
   * Starts the server and prints its address.
   *
   * @throws SparseTrainError PORT_UNAVAILABLE
   */
  static async start(
    task: DashboardTask | undefined,
    network: Network,
    watched: WatchedRun,
    terminal: Terminal,
  ): Promise<RunDashboard> {
    const run = new LiveRun();
    if (task === undefined) return new RunDashboard(task, undefined, run, terminal);
    const server = await DashboardServer.start(task.port, await pageOf(network, watched), run);
    terminal.note(`dashboard: ${server.url}`);
    return new RunDashboard(task, server, run, terminal);
  }

  onProgress(progress: TrainingProgress): void {
    if (this.#server !== undefined) this.#run.onProgress(progress);
  }

  onEpoch(record: EpochRecord): void {
    if (this.#server !== undefined) this.#run.onEpoch(record);
  }

  /** Tells viewers that the run has ended. */
  end(how: StopReason | undefined): void {
    this.#run.end(how === undefined ? 'failed' : ENDED[how]);
  }

  /** Stops the server: at once or, with --keep-dashboard after an uninterrupted run, at Ctrl-C. */
  async close(isInterrupted: boolean): Promise<void> {
    if (this.#server === undefined) return;
    if (this.#task?.stays === true && !isInterrupted) {
      this.#terminal.note(`the dashboard stays at ${this.#server.url} until Ctrl-C`);
      await interruptible(
        () => undefined,
        (signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      );
    }
    await this.#server.close();
  }
}

function pageOf(network: Network, { name, measured, line }: WatchedRun): Promise<string> {
  const { layers, activations, output, edges, denseEdges, density, arithmetic, schedule, seed, kernelSet } =
    network.inspect();
  return dashboardPage({
    title: name,
    measured,
    isRegression: output === 'linear',
    facts: [
      ['network', `${layers.join(' – ')}, ${describeFunctions(activations, output, arithmetic)}`],
      ['edges', `${count(edges)} of ${count(denseEdges)} (${percent(density, 1)})`],
      ['arithmetic', describeArithmetic(arithmetic)],
      ['computed', `${kernelSet}, ${schedule}, seed ${seed}`],
    ],
    command: ['sparse-train', ...line],
  });
}

/** Shows a running training: listens to /events and draws the updates. A classic script that runs after charts.js. */

interface LivePoint {
  at: number;
  loss?: number;
  accuracy?: number;
  samplesPerSecond: number;
}

interface LiveEpoch {
  epoch: number;
  learningRate: number;
  validation?: Record<string, number>;
}

interface LiveProgress {
  epoch: number;
  epochs: number;
  examples: number;
  fraction?: number;
  loss?: number;
  accuracy?: number;
  samplesPerSecond: number;
  seconds: number;
}

interface LiveState {
  points: LivePoint[];
  epochs: LiveEpoch[];
  progress?: LiveProgress;
  ended?: string;
}

/** Milliseconds between redraws. */
const REDRAW = 200;

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

class Dashboard {
  readonly #run = pageData<{ measured: string | null; isRegression: boolean }>('run') ?? {
    measured: null,
    isRegression: false,
  };
  #state: LiveState = { points: [], epochs: [] };
  #isLost = false;
  #drawn = 0;
  #timer: number | undefined;

  listen(): void {
    const events = new EventSource('/events');
    const on = <T>(type: string, handle: (data: T) => void) =>
      events.addEventListener(type, (event) => {
        this.#isLost = false;
        handle(JSON.parse((event as MessageEvent<string>).data) as T);
        this.#drawSoon();
      });
    on<LiveState>('state', (state) => {
      this.#state = state;
      if (state.ended !== undefined) events.close();
    });
    on<{ progress: LiveProgress; point?: LivePoint }>('progress', ({ progress, point }) => {
      this.#state.progress = progress;
      if (point !== undefined) this.#state.points.push(point);
    });
    on<LiveEpoch>('epoch', (epoch) => this.#state.epochs.push(epoch));
    on<{ ended: string }>('end', ({ ended }) => {
      this.#state.ended = ended;
      events.close();
    });
    events.onerror = () => {
      this.#isLost = true;
      this.#drawSoon();
    };
  }

  #drawSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#drawn + REDRAW - performance.now());
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#drawn = performance.now();
      this.#draw();
    }, wait);
  }

  #draw(): void {
    const { points, epochs, progress, ended } = this.#state;
    const state = document.getElementById('state');
    if (state !== null) state.textContent = this.#describe();
    const bar = document.getElementById('progress') as HTMLProgressElement | null;
    if (bar !== null) bar.value = progress?.fraction ?? 0;
    document.documentElement.dataset.ended = String(ended !== undefined);
    const validation = epochs.at(-1)?.validation;
    const done = progress?.fraction ?? 0;
    const share = (value: number | undefined) => chartNumber(value, 'share');
    const figures: Record<string, string> = {
      'training loss': chartNumber(points.at(-1)?.loss, 'number'),
      'training accuracy': share(points.at(-1)?.accuracy),
      [`${this.#run.measured} RMS error`]: chartNumber(validation?.rmse, 'number'),
      [`${this.#run.measured} accuracy`]: share(validation?.accuracy),
      'examples a second': chartNumber(points.at(-1)?.samplesPerSecond, 'rate'),
      'time left':
        ended !== undefined
          ? 'done'
          : done > 0 && progress !== undefined
            ? clock((progress.seconds * (1 - done)) / done)
            : '–',
    };
    for (const item of document.querySelectorAll('#figures li')) {
      const value = figures[item.querySelector('span')?.textContent ?? ''];
      const shown = item.querySelector('strong');
      if (value !== undefined && shown !== null) shown.textContent = value;
    }
    for (const [name, chart] of Object.entries(this.#charts())) pageCharts.get(name)?.show(chart);
  }

  #describe(): string {
    const { progress, ended } = this.#state;
    if (ended !== undefined) return ended;
    if (this.#isLost) return 'the connection is lost: the program has ended, or is busy';
    if (progress === undefined) return 'waiting for the first examples';
    const { epoch, epochs, fraction, seconds } = progress;
    const share = fraction === undefined ? '' : ` · ${Math.floor(100 * fraction)} %`;
    return `epoch ${epoch} of ${epochs}${share} · ${clock(seconds)}`;
  }

  /** The training curves, and the measurements after each epoch. */
  #charts(): Record<string, Chart> {
    const { points, epochs } = this.#state;
    const { measured } = this.#run;
    const both = (
      point: (point: LivePoint) => number | undefined,
      metric: string,
      unit: Chart['unit'],
    ): Chart => {
      const x = [...new Set([...points.map(({ at }) => at), ...epochs.map(({ epoch }) => epoch)])].sort(
        (a, b) => a - b,
      );
      const training = new Map(points.map((each) => [each.at, point(each) ?? null]));
      const after = new Map(epochs.map((each) => [each.epoch, each.validation?.[metric] ?? null]));
      const series: ChartSeries[] = [];
      if (points.some((each) => point(each) !== undefined)) {
        series.push({ label: 'training', colour: 1, values: x.map((at) => training.get(at) ?? null) });
      }
      if (measured !== null)
        series.push({
          label: measured,
          colour: 2,
          dotted: true,
          values: x.map((at) => after.get(at) ?? null),
        });
      return { x, xLabel: 'epoch', unit, series };
    };
    return {
      loss: both(({ loss }) => loss, 'loss', 'number'),
      accuracy: both(({ accuracy }) => accuracy, 'accuracy', 'share'),
      error: both(() => undefined, 'rmse', 'number'),
      speed: {
        x: points.map(({ at }) => at),
        xLabel: 'epoch',
        unit: 'rate',
        series: [
          { label: 'speed', colour: 1, values: points.map(({ samplesPerSecond }) => samplesPerSecond) },
        ],
      },
      rate: {
        x: epochs.map(({ epoch }) => epoch),
        xLabel: 'epoch',
        unit: 'number',
        series: [{ label: 'rate', colour: 1, values: epochs.map(({ learningRate }) => learningRate) }],
      },
    };
  }
}

new Dashboard().listen();

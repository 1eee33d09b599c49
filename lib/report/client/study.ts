/**
 * Draws the charts of a study's report with ECharts: every element with `data-study-chart="NAME"`, from the JSON element
 * #study that lib/report/html/study-report.ts writes. A classic script behind charts.js.
 */

interface StudyObjective {
  measure: string;
  direction: 'maximize' | 'minimize';
}

interface StudyParameter {
  name: string;
  log: boolean;
  /** Of categories: their names; null: a number. */
  choices: string[] | null;
}

interface StudyTrial {
  number: number;
  /** By objective. */
  values: (number | null)[];
  /** By parameter; null: it does not exist in this trial. */
  parameters: (number | string | null)[];
}

interface StudyPage {
  objectives: StudyObjective[];
  parameters: StudyParameter[];
  trials: StudyTrial[];
  front: number[];
  importances: { parameter: string; share: number }[][];
}

type ChartOption = import('echarts').EChartsOption;

/** Measures that are shares, written in per cent. */
const SHARE_MEASURES = ['accuracy', 'density', 'macroF1', 'microF1', 'exactMatch', 'weightsAtLimit'];

/** Fields of the map along a number. */
const MAP_FIELDS = 8;

class StudyCharts {
  readonly #page: StudyPage;
  readonly #charts = new Map<string, import('echarts').ECharts>();

  constructor(page: StudyPage) {
    this.#page = page;
    const { objectives, parameters } = page;
    const measures = objectives.map(({ measure }) => measure);
    for (const name of ['history', 'parallel', 'importance', 'map'])
      this.#choice(`${name}-objective`, measures, 0);
    const names = parameters.map(({ name }) => name);
    this.#choice('map-x', names, 0);
    this.#choice('map-y', names, Math.min(1, names.length - 1));
    for (const element of document.querySelectorAll<HTMLElement>('[data-study-chart]')) {
      const chart = echarts.init(element, undefined, { renderer: 'canvas' });
      this.#charts.set(element.dataset.studyChart ?? '', chart);
      new ResizeObserver(() => chart.resize()).observe(element);
    }
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  #choice(id: string, names: readonly string[], chosen: number): void {
    const select = document.getElementById(id) as HTMLSelectElement | null;
    if (select === null) return;
    for (const [i, name] of names.entries())
      select.add(new Option(name, String(i), i === chosen, i === chosen));
    select.addEventListener('change', () => this.draw());
  }

  #chosen(id: string): number {
    const select = document.getElementById(id) as HTMLSelectElement | null;
    return Number(select?.value ?? 0);
  }

  draw(): void {
    const options: Record<string, () => ChartOption> = {
      front: () => this.#front(),
      history: () => this.#history(this.#chosen('history-objective')),
      parallel: () => this.#parallel(this.#chosen('parallel-objective')),
      importance: () => this.#importance(this.#chosen('importance-objective')),
      map: () => this.#map(this.#chosen('map-x'), this.#chosen('map-y'), this.#chosen('map-objective')),
    };
    for (const [name, chart] of this.#charts) {
      const option = options[name]?.();
      if (option !== undefined) chart.setOption({ ...studyTheme(), ...option }, true);
    }
  }

  #number(objective: number, value: number | null | undefined): string {
    return studyNumber(this.#page.objectives[objective]?.measure ?? '', value);
  }

  #axis(objective: number): object {
    const { measure = '' } = this.#page.objectives[objective] ?? {};
    return {
      type: 'value',
      name: measure,
      scale: true,
      ...studyAxis(),
      axisLabel: { color: cssColour('dim'), formatter: (value: number) => studyNumber(measure, value) },
    };
  }

  #about(trial: StudyTrial): string {
    const { objectives, parameters } = this.#page;
    const lines = [
      `trial ${trial.number}`,
      ...objectives.map(({ measure }, i) => `${measure}: ${this.#number(i, trial.values[i])}`),
      ...parameters.flatMap(({ name }, i) => {
        const value = trial.parameters[i];
        if (value === null || value === undefined) return [];
        return `${name}: ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`;
      }),
    ];
    return lines.map(studyEscape).join('<br>');
  }

  #points(trials: readonly StudyTrial[], x: (trial: StudyTrial) => number | null, y: number): object[] {
    return trials.map((trial) => ({ value: [x(trial), trial.values[y]], trial }));
  }

  #tooltip(): object {
    return {
      trigger: 'item',
      ...studyTooltip(),
      formatter: ({ data }: { data?: { trial?: StudyTrial } }) =>
        data?.trial ? this.#about(data.trial) : '',
    };
  }

  #front(): ChartOption {
    const { trials, front } = this.#page;
    const isFront = new Set(front);
    const second = (trial: StudyTrial) => trial.values[1] ?? null;
    const best = trials
      .filter(({ number }) => isFront.has(number))
      .sort((a, b) => (second(a) ?? 0) - (second(b) ?? 0));
    return {
      tooltip: this.#tooltip(),
      xAxis: this.#axis(1),
      yAxis: this.#axis(0),
      series: [
        {
          type: 'scatter',
          symbolSize: 6,
          itemStyle: { color: cssColour('series-8'), opacity: 0.5 },
          data: this.#points(
            trials.filter(({ number }) => !isFront.has(number)),
            second,
            0,
          ),
        },
        {
          type: 'line',
          symbolSize: 8,
          lineStyle: { color: cssColour('series-1') },
          itemStyle: { color: cssColour('series-1') },
          data: this.#points(best, second, 0),
        },
      ],
    } as ChartOption;
  }

  #history(objective: number): ChartOption {
    const { trials, objectives } = this.#page;
    const isBetter = (a: number, b: number) =>
      objectives[objective]?.direction === 'maximize' ? a > b : a < b;
    let best: number | null = null;
    const line = trials.flatMap((trial) => {
      const value = trial.values[objective];
      if (value === null || value === undefined) return [];
      if (best === null || isBetter(value, best)) best = value;
      return [[trial.number, best]];
    });
    return {
      tooltip: this.#tooltip(),
      xAxis: { type: 'value', name: 'trial', ...studyAxis() },
      yAxis: this.#axis(objective),
      series: [
        {
          type: 'scatter',
          symbolSize: 6,
          itemStyle: { color: cssColour('series-1'), opacity: 0.6 },
          data: this.#points(trials, ({ number }) => number, objective),
        },
        {
          type: 'line',
          step: 'end',
          showSymbol: false,
          silent: true,
          lineStyle: { color: cssColour('series-2') },
          data: line,
        },
      ],
    } as ChartOption;
  }

  #parallel(objective: number): ChartOption {
    const { trials, objectives, parameters } = this.#page;
    const text = { color: cssColour('dim') };
    const lines = { axisLine: { lineStyle: { color: cssColour('line') } }, axisTick: { show: false } };
    const axes = [
      ...parameters.map(({ name, log, choices }, dim) => ({
        dim,
        name,
        ...lines,
        nameTextStyle: text,
        axisLabel: {
          ...text,
          formatter: choices === null ? (value: number) => studyNumber('', value) : undefined,
        },
        ...(choices === null
          ? { type: log ? 'log' : 'value', scale: true }
          : { type: 'category', data: choices }),
      })),
      ...objectives.map(({ measure }, i) => ({
        dim: parameters.length + i,
        name: measure,
        scale: true,
        ...lines,
        nameTextStyle: text,
        axisLabel: { ...text, formatter: (value: number) => studyNumber(measure, value) },
      })),
    ];
    const values = trials.flatMap(({ values: all }) => all[objective] ?? []);
    return {
      parallelAxis: axes,
      parallel: { left: 60, right: 90, top: 40, bottom: 30 },
      visualMap: {
        show: true,
        type: 'continuous',
        min: studyLeast(values),
        max: studyMost(values),
        dimension: parameters.length + objective,
        right: 0,
        top: 'center',
        textStyle: text,
        formatter: (value: unknown) => this.#number(objective, value as number),
        inRange: { color: studyScale(objectives[objective]?.direction === 'minimize') },
      },
      series: [
        {
          type: 'parallel',
          lineStyle: { width: 1.2, opacity: 0.55 },
          inactiveOpacity: 0.03,
          data: trials.map((trial) => [...trial.parameters, ...trial.values].map((value) => value ?? '-')),
        },
      ],
    } as unknown as ChartOption;
  }

  #importance(objective: number): ChartOption {
    const list = [...(this.#page.importances[objective] ?? [])].reverse();
    if (list.length === 0) return studyMessage('too few complete trials to tell');
    return {
      tooltip: { trigger: 'item', ...studyTooltip(), formatter: '{b}: {c} %' },
      grid: { left: 120, right: 40, top: 10, bottom: 40 },
      xAxis: { type: 'value', name: '%', ...studyAxis() },
      yAxis: { type: 'category', data: list.map(({ parameter }) => parameter), ...studyAxis() },
      series: [
        {
          type: 'bar',
          itemStyle: { color: cssColour('series-1') },
          label: { show: true, position: 'right', color: cssColour('text'), formatter: '{c} %' },
          data: list.map(({ share }) => Number((100 * share).toFixed(1))),
        },
      ],
    } as ChartOption;
  }

  #map(x: number, y: number, objective: number): ChartOption {
    const { trials, parameters, objectives } = this.#page;
    const [across, up] = [this.#fields(x), this.#fields(y)];
    const fields = new Map<string, number[]>();
    for (const trial of trials) {
      const value = trial.values[objective];
      const place = [across.of(trial.parameters[x] ?? null), up.of(trial.parameters[y] ?? null)];
      if (value === null || value === undefined || place.includes(-1)) continue;
      const key = place.join();
      fields.set(key, [...(fields.get(key) ?? []), value]);
    }
    const cells = [...fields].map(([key, values]) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return { value: [...key.split(',').map(Number), mean], trials: values.length };
    });
    const means = cells.map(({ value }) => value[2] as number);
    const category = { splitArea: { show: false }, splitLine: { show: false } };
    return {
      tooltip: {
        trigger: 'item',
        ...studyTooltip(),
        formatter: ({ data }: { data: { value: number[]; trials: number } }) =>
          studyEscape(`${this.#number(objective, data.value[2])}, ${data.trials} trials`),
      },
      grid: { left: 110, right: 110, top: 20, bottom: 50 },
      xAxis: { type: 'category', data: across.names, name: parameters[x]?.name, ...studyAxis(), ...category },
      yAxis: { type: 'category', data: up.names, name: parameters[y]?.name, ...studyAxis(), ...category },
      visualMap: {
        min: studyLeast(means),
        max: studyMost(means),
        calculable: true,
        right: 0,
        top: 'center',
        textStyle: { color: cssColour('dim') },
        formatter: (value: unknown) => this.#number(objective, value as number),
        inRange: { color: studyScale(objectives[objective]?.direction === 'minimize') },
      },
      series: [
        { type: 'heatmap', data: cells, itemStyle: { borderColor: cssColour('surface'), borderWidth: 1 } },
      ],
    } as unknown as ChartOption;
  }

  /** The fields that a parameter's values fall into. */
  #fields(index: number): { names: string[]; of: (value: number | string | null) => number } {
    const { log = false, choices = null } = this.#page.parameters[index] ?? {};
    if (choices !== null) return { names: choices, of: (value) => choices.indexOf(String(value)) };
    const inner = (value: number) => (log ? Math.log(value) : value);
    const outer = (value: number) => (log ? Math.exp(value) : value);
    const values = this.#page.trials.flatMap(({ parameters }) => {
      const value = parameters[index];
      return typeof value === 'number' ? [inner(value)] : [];
    });
    const [low, high] = [studyLeast(values), studyMost(values)];
    const step = (high - low) / MAP_FIELDS || 1;
    return {
      names: Array.from({ length: MAP_FIELDS }, (_, i) => studyNumber('', outer(low + (i + 0.5) * step))),
      of: (value) =>
        typeof value === 'number' ? Math.min(MAP_FIELDS - 1, Math.floor((inner(value) - low) / step)) : -1,
    };
  }
}

function studyNumber(measure: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (SHARE_MEASURES.includes(measure)) return `${Number((100 * value).toPrecision(4))} %`;
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function studyEscape(text: string): string {
  return echarts.format.encodeHTML(text);
}

function studyLeast(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function studyMost(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

/** From worse to better; colours that differ in lightness, also for eyes that see few colours. */
function studyScale(reverse: boolean): string[] {
  const colours = ['#2d1e5f', '#2f5d9b', '#2a9d8f', '#8ac926', '#ffd23f'];
  return reverse ? colours.reverse() : colours;
}

function studyAxis(): object {
  return {
    nameTextStyle: { color: cssColour('dim') },
    axisLabel: { color: cssColour('dim') },
    axisLine: { lineStyle: { color: cssColour('line') } },
    splitLine: { lineStyle: { color: cssColour('line') } },
  };
}

function studyTooltip(): object {
  return {
    backgroundColor: cssColour('surface'),
    borderColor: cssColour('line'),
    textStyle: { color: cssColour('text') },
  };
}

function studyTheme(): ChartOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: { left: 80, right: 60, top: 30, bottom: 40 },
  };
}

function studyMessage(text: string): ChartOption {
  return {
    title: { text, left: 'center', top: 'middle', textStyle: { color: cssColour('dim'), fontSize: 14 } },
  };
}

const studyPage = pageData<StudyPage>('study');
if (studyPage !== undefined) new StudyCharts(studyPage).draw();

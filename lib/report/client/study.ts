/**
 * Draws the charts of a study's report with ECharts: every element with `data-study-chart="NAME"`, from the JSON
 * element #study that lib/report/html/study-report.ts writes. A classic script that runs after charts.js,
 * study-style.js and study-map.js.
 */

/** The least pixels between axes that stand side by side, and those between axes that lie below each other. */
const AXIS_WIDTH = 100;
const AXIS_HEIGHT = { wide: 54, narrow: 68 };
/** The pixels for a bar. */
const BAR_HEIGHT = 28;

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
    this.#choice('front-x', measures, 1);
    this.#choice('front-y', measures, 0);
    this.#choice('map-x', names, 0);
    this.#choice('map-y', names, Math.min(1, names.length - 1));
    for (const element of document.querySelectorAll<HTMLElement>('[data-study-chart]')) {
      const chart = echarts.init(element, undefined, { renderer: 'canvas' });
      this.#charts.set(element.dataset.studyChart ?? '', chart);
      let width = element.clientWidth;
      new ResizeObserver(() => {
        chart.resize();
        // The layout depends on the width, for instance when a phone is turned.
        if (element.clientWidth !== width && element.clientWidth > 0) this.draw();
        width = element.clientWidth;
      }).observe(element);
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

  #chosen(id: string, otherwise = 0): number {
    const select = document.getElementById(id) as HTMLSelectElement | null;
    return Number(select?.value ?? otherwise);
  }

  draw(): void {
    const options: Record<string, () => ChartOption> = {
      front: () => this.#front(this.#chosen('front-x', 1), this.#chosen('front-y', 0)),
      history: () => this.#history(this.#chosen('history-objective')),
      parallel: () => this.#parallel(this.#chosen('parallel-objective')),
      importance: () => this.#importance(this.#chosen('importance-objective')),
      map: () =>
        studyMap(
          this.#page,
          this.#chosen('map-x'),
          this.#chosen('map-y'),
          this.#chosen('map-objective'),
          this.#width('map'),
        ),
    };
    for (const [name, chart] of this.#charts) {
      this.#fit(name, chart);
      const option = options[name]?.();
      if (option !== undefined) chart.setOption({ ...studyTheme(), ...option }, true);
    }
  }

  /** Gives charts the height that the number of their rows needs, and replaces those without data by words. */
  #fit(name: string, chart: import('echarts').ECharts): void {
    const element = chart.getDom();
    const { trials, leastTrials, parameters, objectives } = this.#page;
    const rows = parameters.length + objectives.length;
    if (name === 'parallel')
      element.style.height = this.#isStacked() ? `${rows * this.#axisHeight() + 110}px` : '';
    if (name === 'importance') {
      const list = this.#page.importances[this.#chosen('importance-objective')] ?? [];
      element.style.height = `${list.length * BAR_HEIGHT + 70}px`;
      element.hidden = list.length === 0;
      const message = document.getElementById('importance-message');
      if (message !== null) {
        message.hidden = list.length > 0;
        message.textContent = `${trials.length} complete trials are too few to tell; ${leastTrials} are needed.`;
      }
    }
    chart.resize();
  }

  #axisHeight(): number {
    return this.#width('parallel') < NARROW ? AXIS_HEIGHT.narrow : AXIS_HEIGHT.wide;
  }

  /** Whether the axes of all parameters lie below each other: on phones, and where many need more room than there is. */
  #isStacked(): boolean {
    const { parameters, objectives } = this.#page;
    const width = this.#width('parallel');
    return width < NARROW || width / (parameters.length + objectives.length) < AXIS_WIDTH;
  }

  #width(chart: string): number {
    return this.#charts.get(chart)?.getWidth() ?? 0;
  }

  #number(objective: number, value: number | null | undefined): string {
    return studyNumber(this.#page.objectives[objective]?.measure ?? '', value);
  }

  #axis(objective: number, isUp: boolean): object {
    const { measure = '' } = this.#page.objectives[objective] ?? {};
    return {
      type: 'value',
      scale: true,
      ...studyAxis(measure, isUp),
      axisLabel: {
        color: cssColour('dim'),
        hideOverlap: true,
        formatter: (value: number) => studyMark(measure, value),
      },
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

  #front(across: number, up: number): ChartOption {
    const { trials, front, objectives } = this.#page;
    const isFront = new Set(front);
    const second = (trial: StudyTrial) => trial.values[across] ?? null;
    const best = trials
      .filter(({ number }) => isFront.has(number))
      .sort((a, b) => (second(a) ?? 0) - (second(b) ?? 0));
    return {
      tooltip: this.#tooltip(),
      xAxis: this.#axis(across, false),
      yAxis: this.#axis(up, true),
      series: [
        {
          type: 'scatter',
          symbolSize: 6,
          itemStyle: { color: cssColour('series-8'), opacity: 0.5 },
          data: this.#points(
            trials.filter(({ number }) => !isFront.has(number)),
            second,
            up,
          ),
        },
        {
          // The front of more than two objectives is a surface: a line through it would zigzag.
          type: objectives.length > 2 ? 'scatter' : 'line',
          symbolSize: 8,
          lineStyle: { color: cssColour('series-1') },
          itemStyle: { color: cssColour('series-1') },
          data: this.#points(best, second, up),
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
      xAxis: { type: 'value', minInterval: 1, ...studyAxis('trial') },
      yAxis: this.#axis(objective, true),
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
    const { measure: coloured = '', direction } = objectives[objective] ?? {};
    const width = this.#width('parallel');
    const isNarrow = width < NARROW;
    const isStacked = this.#isStacked();
    const margin = isNarrow ? { left: 28, right: 28 } : { left: 180, right: 40 };
    // Numbers overlap the lines of trials; a background keeps them readable.
    const text = {
      color: cssColour('text'),
      backgroundColor: cssColour('surface'),
      padding: [1, 3],
      fontSize: 11,
    };
    const shared = {
      axisLine: { lineStyle: { color: cssColour('dim') } },
      axisTick: { show: false },
      splitNumber: 3,
      // Names of axes that lie below each other stand left of them, or on a phone above their left ends.
      nameLocation: isStacked ? 'start' : 'end',
      nameGap: isNarrow ? 0 : 14,
      ...(isStacked && !isNarrow ? { nameTruncate: { maxWidth: margin.left - 24, ellipsis: '…' } } : {}),
      nameTextStyle: {
        color: cssColour('dim'),
        backgroundColor: cssColour('surface'),
        ...(isNarrow ? { align: 'left', verticalAlign: 'bottom', padding: [0, 0, 10, 0] } : {}),
      },
    };
    /** The pixels for the label of a category: between two categories, or between two axes. */
    const room = (choices: number) => {
      const across = isStacked
        ? (width - margin.left - margin.right) / choices
        : (width - 130) / Math.max(1, parameters.length + objectives.length - 1);
      return Math.max(20, across - 14);
    };
    const axes = [
      ...parameters.map(({ name, log, choices }, dim) => ({
        dim,
        name,
        ...shared,
        axisLabel: {
          ...text,
          hideOverlap: true,
          ...(choices === null
            ? { formatter: (value: number) => studyMark('', value) }
            : {
                interval: 0,
                formatter: (label: string) =>
                  studyLabel(label, room(choices.length) * (isNarrow ? 1.2 : 1), isNarrow ? 3 : 1),
                ...(isNarrow ? { fontSize: 10, lineHeight: 11 } : {}),
              }),
        },
        ...(choices === null
          ? { type: log ? 'log' : 'value', scale: true }
          : { type: 'category', data: choices }),
      })),
      ...objectives.map(({ measure }, i) => ({
        dim: parameters.length + i,
        name: measure,
        scale: true,
        ...shared,
        axisLabel: { ...text, hideOverlap: true, formatter: (value: number) => studyMark(measure, value) },
      })),
    ];
    const values = trials.flatMap(({ values: all }) => all[objective] ?? []);
    return {
      parallelAxis: axes,
      parallel: isStacked
        ? { layout: 'vertical', ...margin, top: 30, bottom: 80 }
        : { left: 40, right: 90, top: 40, bottom: 60 },
      visualMap: {
        ...studyColourBar(coloured, values, direction === 'minimize', width),
        dimension: parameters.length + objective,
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
    const isNarrow = this.#width('importance') < NARROW;
    return {
      tooltip: { trigger: 'item', ...studyTooltip(), formatter: '{b}: {c} %' },
      grid: { left: 8, right: 56, top: 10, bottom: 48, containLabel: true },
      xAxis: { type: 'value', ...studyAxis('% of the variance') },
      yAxis: {
        type: 'category',
        ...studyAxis('', true),
        axisLabel: studyCategoryLabel(isNarrow ? 130 : 240, 1),
        data: list.map(({ parameter }) => parameter),
      },
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
}

const studyPage = pageData<StudyPage>('study');
const trialTable = document.getElementById('trial-table');
if (studyPage !== undefined) {
  new StudyCharts(studyPage).draw();
  if (trialTable instanceof HTMLTableElement) new StudyTable(studyPage, trialTable).draw();
}

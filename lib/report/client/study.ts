/**
 * Draws the charts of a study's report with ECharts: every element with `data-study-chart="NAME"`, from the JSON
 * element #study that lib/report/html/study-report.ts writes. A classic script that runs after charts.js,
 * study-style.js and study-map.js.
 */

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
      let width = element.clientWidth;
      new ResizeObserver(() => {
        chart.resize();
        // When a phone is turned, the layout changes.
        if (element.clientWidth < NARROW !== width < NARROW) this.draw();
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
      const option = options[name]?.();
      if (option !== undefined) chart.setOption({ ...studyTheme(), ...option }, true);
    }
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

  #front(): ChartOption {
    const { trials, front } = this.#page;
    const isFront = new Set(front);
    const second = (trial: StudyTrial) => trial.values[1] ?? null;
    const best = trials
      .filter(({ number }) => isFront.has(number))
      .sort((a, b) => (second(a) ?? 0) - (second(b) ?? 0));
    return {
      tooltip: this.#tooltip(),
      xAxis: this.#axis(1, false),
      yAxis: this.#axis(0, true),
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
      xAxis: { type: 'value', ...studyAxis('trial') },
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
    const isNarrow = this.#width('parallel') < NARROW;
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
      // On a phone, axes lie below each other, with their names above the left ends.
      nameLocation: isNarrow ? 'start' : 'end',
      nameGap: isNarrow ? 0 : 14,
      nameTextStyle: {
        color: cssColour('dim'),
        backgroundColor: cssColour('surface'),
        ...(isNarrow ? { align: 'left', verticalAlign: 'bottom', padding: [0, 0, 10, 0] } : {}),
      },
    };
    const axes = [
      ...parameters.map(({ name, log, choices }, dim) => ({
        dim,
        name,
        ...shared,
        axisLabel: {
          ...text,
          hideOverlap: true,
          formatter: choices === null ? (value: number) => studyMark('', value) : undefined,
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
      parallel: isNarrow
        ? { layout: 'vertical', left: 16, right: 24, top: 30, bottom: 70 }
        : { left: 40, right: 90, top: 40, bottom: 60 },
      visualMap: {
        ...studyColourBar(coloured, values, direction === 'minimize'),
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
    if (list.length === 0) {
      const { trials, leastTrials } = this.#page;
      return studyMessage(`${trials.length} complete trials are too few to tell; ${leastTrials} are needed`);
    }
    return {
      tooltip: { trigger: 'item', ...studyTooltip(), formatter: '{b}: {c} %' },
      grid: { left: 8, right: 56, top: 10, bottom: 48, containLabel: true },
      xAxis: { type: 'value', ...studyAxis('% of the variance') },
      yAxis: { type: 'category', ...studyAxis('', true), data: list.map(({ parameter }) => parameter) },
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

/** The map over two parameters in a study's report. A classic script that runs after study-style.js. */

/** The number of fields along a numeric axis of the map. */
const MAP_FIELDS = 8;

/** The mean of an objective in each field of two parameters. */
function studyMap(page: StudyPage, x: number, y: number, objective: number, width: number): ChartOption {
  const { trials, parameters, objectives } = page;
  const { measure = '' } = objectives[objective] ?? {};
  const [across, up] = [studyFields(page, x), studyFields(page, y)];
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
  const category = { type: 'category', splitArea: { show: false }, splitLine: { show: false } };
  const isReversed = objectives[objective]?.direction === 'minimize';
  const [least, most] = [studyLeast(means), studyMost(means)];
  // The colour of text: white on dark fields, black on light ones.
  const isDark = (mean: number) =>
    (most > least ? (mean - least) / (most - least) < 0.4 : true) !== isReversed;
  const isNarrow = width < NARROW;
  /** Fits names of choices into `room` pixels; numbers are never cut. */
  const fitted = (parameter: number, room: number) =>
    parameters[parameter]?.choices ? { axisLabel: studyCategoryLabel(room, isNarrow ? 3 : 1) } : {};
  const wraps = isNarrow && Boolean(parameters[x]?.choices);
  return {
    tooltip: {
      trigger: 'item',
      ...studyTooltip(),
      formatter: ({ data }: { data: { value: number[]; trials: number } }) =>
        studyEscape(`${studyNumber(measure, data.value[2])}, ${data.trials} trials`),
    },
    grid: { left: 8, right: 16, top: 34, bottom: wraps ? 112 : 84, containLabel: true },
    xAxis: {
      ...studyAxis(parameters[x]?.name ?? ''),
      ...(wraps ? { nameGap: 54 } : {}),
      ...fitted(x, (width - (isNarrow ? 110 : 150)) / Math.max(1, across.names.length)),
      ...category,
      data: across.names,
    },
    yAxis: {
      ...studyAxis(parameters[y]?.name ?? '', true),
      ...fitted(y, isNarrow ? 90 : 170),
      ...category,
      data: up.names,
    },
    visualMap: studyColourBar(measure, means, isReversed, width),
    series: [
      {
        type: 'heatmap',
        data: cells.map((cell) => ({
          ...cell,
          label: { color: isDark(cell.value[2] as number) ? '#fff' : '#10161d' },
        })),
        label: {
          show: !isNarrow,
          fontSize: 11,
          formatter: ({ data }: { data: { value: number[] } }) => studyMark(measure, data.value[2] as number),
        },
        itemStyle: { borderColor: cssColour('surface'), borderWidth: 1 },
      },
    ],
  } as unknown as ChartOption;
}

/** The fields that a parameter's values fall into. */
function studyFields(
  page: StudyPage,
  index: number,
): { names: string[]; of: (value: number | string | null) => number } {
  const { log = false, isWhole = false, choices = null } = page.parameters[index] ?? {};
  if (choices !== null) return { names: choices, of: (value) => choices.indexOf(String(value)) };
  const inner = (value: number) => (log ? Math.log(value) : value);
  const outer = (value: number) => (log ? Math.exp(value) : value);
  const values = page.trials.flatMap(({ parameters }) => {
    const value = parameters[index];
    return typeof value === 'number' ? [inner(value)] : [];
  });
  const [low, high] = [studyLeast(values), studyMost(values)];
  const step = (high - low) / MAP_FIELDS || 1;
  return {
    names: Array.from({ length: MAP_FIELDS }, (_, i) => {
      const middle = outer(low + (i + 0.5) * step);
      return studyNumber(
        '',
        isWhole && outer(high) - outer(low) >= 2 * MAP_FIELDS ? Math.round(middle) : middle,
      );
    }),
    of: (value) =>
      typeof value === 'number' ? Math.min(MAP_FIELDS - 1, Math.floor((inner(value) - low) / step)) : -1,
  };
}

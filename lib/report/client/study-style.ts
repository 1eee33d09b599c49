/** The style of a study's charts, and their number formats. A classic script that runs after charts.js. */

/** Measures that are shares, shown in per cent. */
const SHARE_MEASURES = ['accuracy', 'density', 'macroF1', 'microF1', 'exactMatch', 'weightsAtLimit'];

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

/** From worse to better. The colours differ in lightness, so that colour-blind readers can tell them apart. */
function studyScale(reverse: boolean): string[] {
  const colours = ['#2d1e5f', '#2f5d9b', '#2a9d8f', '#8ac926', '#ffd23f'];
  return reverse ? colours.reverse() : colours;
}

/** A short form of a number for the ticks of an axis: `20 k`. */
function studyMark(measure: string, value: number): string {
  if (SHARE_MEASURES.includes(measure) || Math.abs(value) < 1e4) return studyNumber(measure, value);
  return value >= 1e6
    ? `${Number((value / 1e6).toPrecision(3))} M`
    : `${Number((value / 1e3).toPrecision(3))} k`;
}

/** Below this width in pixels, charts have the layout for phones. */
const NARROW = 560;

/** An axis for a measure or a parameter. Its name stands beside the middle, where it covers no label. */
function studyAxis(name: string, isUp = false): object {
  return {
    name,
    nameLocation: isUp ? 'end' : 'middle',
    nameGap: isUp ? 14 : 30,
    nameTextStyle: { color: cssColour('dim'), align: isUp ? 'left' : 'center' },
    axisLabel: { color: cssColour('dim'), hideOverlap: true },
    axisLine: { lineStyle: { color: cssColour('line') } },
    splitLine: { lineStyle: { color: cssColour('line') } },
  };
}

/** The colour scale below a chart, with numbers at its ends. */
function studyColourBar(measure: string, values: readonly number[], isReversed: boolean): object {
  const [least, most] = [studyLeast(values), studyMost(values)];
  return {
    type: 'continuous',
    min: least,
    max: most,
    orient: 'horizontal',
    left: 'center',
    bottom: 0,
    itemHeight: 160,
    itemWidth: 12,
    text: [`${studyNumber(measure, most)} ${measure}`, studyNumber(measure, least)],
    textStyle: { color: cssColour('dim') },
    inRange: { color: studyScale(isReversed) },
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
    grid: { left: 64, right: 24, top: 34, bottom: 48 },
  };
}

function studyMessage(text: string): ChartOption {
  return {
    title: { text, left: 'center', top: 'middle', textStyle: { color: cssColour('dim'), fontSize: 14 } },
  };
}

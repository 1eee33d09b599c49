/** The style of a study's charts, and their number formats. A classic script that runs after charts.js. */

/** Measures that are shares, shown in per cent. */
const SHARE_MEASURES = ['accuracy', 'density', 'macroF1', 'microF1', 'exactMatch', 'weightsAtLimit'];

function studyNumber(measure: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (SHARE_MEASURES.includes(measure)) return `${(100 * value).toFixed(2)} %`;
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e9) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(4)));
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
  if (SHARE_MEASURES.includes(measure)) return `${Number((100 * value).toPrecision(4))} %`;
  if (Math.abs(value) < 1e4) return studyNumber(measure, value);
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

/** The mean width in pixels of a character in labels of 11 or 12 pixels. */
const LETTER = 6.2;

/**
 * Fits a label into `room` pixels: it is wrapped after spaces, commas and hyphens into at most `lines` lines, and cut
 * off where even that is too little. ECharts' own way would give each label a background over all of these pixels.
 */
function studyLabel(text: string, room: number, lines: number): string {
  const letters = Math.max(3, Math.floor(room / LETTER));
  const wrapped: string[] = [];
  for (const piece of text.split(/(?<=[ ,-])/)) {
    const last = wrapped.at(-1);
    if (last !== undefined && `${last}${piece}`.trimEnd().length <= letters) {
      wrapped[wrapped.length - 1] = `${last}${piece}`;
    } else {
      wrapped.push(piece);
    }
  }
  const shown = wrapped.slice(0, lines).map((line) => line.trim());
  if (wrapped.length > lines) shown[lines - 1] = `${shown[lines - 1]}…`;
  return shown.map((line) => (line.length > letters ? `${line.slice(0, letters - 1)}…` : line)).join('\n');
}

/** Labels of categories, each at most `room` pixels wide and `lines` lines high. */
function studyCategoryLabel(room: number, lines: number): object {
  return {
    color: cssColour('dim'),
    interval: room < 26 ? 'auto' : 0,
    hideOverlap: true,
    fontSize: lines > 1 ? 11 : 12,
    lineHeight: 13,
    formatter: (text: string) => studyLabel(text, room - 6, lines),
  };
}

/** The colour scale below a chart, with numbers at its ends; the measure's name stands with the right one. */
function studyColourBar(
  measure: string,
  values: readonly number[],
  isReversed: boolean,
  width: number,
): object {
  const [least, most] = [studyLeast(values), studyMost(values)];
  return {
    type: 'continuous',
    min: least,
    max: most,
    orient: 'horizontal',
    left: 'center',
    bottom: 0,
    itemHeight: width < NARROW ? 90 : 160,
    itemWidth: 12,
    text: [`${studyMark(measure, most)} ${measure}`, studyMark(measure, least)],
    textStyle: { color: cssColour('dim'), fontSize: width < NARROW ? 11 : 12 },
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

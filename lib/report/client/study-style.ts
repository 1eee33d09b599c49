/** The look of a study's charts, and their number formats. A classic script that runs after charts.js. */

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

/** Shows a model that is served: asks for /history and draws it. A classic script that runs after charts.js. */

interface ServedHistory {
  points: { at: number; rows: number; drifts: number; scores: Record<string, number> }[];
  mistakes: { at: number; row: unknown; predicted: string; actual: string }[];
  rows: number;
  drifts: number;
  failure: string | null;
  scores?: { window: Record<string, number> }[];
  counts: { learned: number; predicted: number; refused: number };
}

/** Milliseconds between two questions. */
const ASK_EVERY = 2000;
/** The most characters of a row that the table of mistakes shows. */
const LONGEST_ROW = 160;

/** Curves are drawn over the rows; the speed at a point is the mean since the point before it. */
function servedCharts({ points }: ServedHistory): Record<string, Chart> {
  const x = points.map(({ rows }) => rows);
  const marks = points
    .filter(({ drifts }, i) => i > 0 && drifts > (points[i - 1] as (typeof points)[0]).drifts)
    .map(({ rows }) => rows);
  const score = (name: string, label: string, unit: Chart['unit']): Chart => ({
    x,
    xLabel: 'rows',
    unit,
    marks,
    series: [{ label, colour: 1, values: points.map(({ scores }) => scores[name] ?? null) }],
  });
  const speeds = points.map(({ at, rows }, i) => {
    const before = points[i - 1];
    return before === undefined || at === before.at ? null : (1000 * (rows - before.rows)) / (at - before.at);
  });
  return {
    accuracy: score('accuracy', 'accuracy', 'share'),
    logLoss: score('logLoss', 'log loss', 'number'),
    mae: score('mae', 'mean absolute error', 'number'),
    r2: score('r2', 'R²', 'number'),
    speed: { x, xLabel: 'rows', unit: 'rate', marks, series: [{ label: 'rows', colour: 3, values: speeds }] },
  };
}

function showFigures({ rows, drifts, counts, scores }: ServedHistory): void {
  const latest = scores?.[0]?.window ?? {};
  const shown: Record<string, string> = {
    'rows learned': chartNumber(rows, 'count'),
    'rolling accuracy': chartNumber(latest.accuracy, 'share'),
    'rolling error': chartNumber(latest.mae, 'number'),
    drifts: chartNumber(drifts, 'count'),
    predictions: chartNumber(counts.predicted, 'count'),
    'rows refused': chartNumber(counts.refused, 'count'),
  };
  for (const item of document.querySelectorAll('#figures li')) {
    const value = shown[item.querySelector('span')?.textContent ?? ''];
    const place = item.querySelector('strong');
    if (value !== undefined && place !== null) place.textContent = value;
  }
}

/** Rows come from clients, so they are only ever shown as text. */
function showMistakes({ mistakes }: ServedHistory): void {
  const body = document.querySelector('#mistakes tbody');
  if (body === null) return;
  const rows = [...mistakes].reverse().map(({ at, row, predicted, actual }) => {
    const line = document.createElement('tr');
    const text = row === undefined ? 'by ticket' : JSON.stringify(row);
    const short = text.length > LONGEST_ROW ? `${text.slice(0, LONGEST_ROW)}…` : text;
    for (const [i, value] of [new Date(at).toLocaleTimeString(), predicted, actual, short].entries()) {
      const cell = document.createElement(i === 0 ? 'th' : 'td');
      cell.className = 'text';
      cell.textContent = value;
      line.append(cell);
    }
    return line;
  });
  body.replaceChildren(...rows);
}

function showState(text: string): void {
  const state = document.getElementById('state');
  if (state !== null) state.textContent = text;
}

async function askServer(): Promise<void> {
  try {
    // The page may be served below a prefix, with or without a slash at its end.
    const answer = await fetch(`${location.pathname.replace(/\/?$/, '/')}history`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const history = (await answer.json()) as ServedHistory;
    showState(
      history.failure ?? `${chartNumber(history.counts.learned, 'count')} rows learned since it started`,
    );
    showFigures(history);
    showMistakes(history);
    for (const [name, chart] of Object.entries(servedCharts(history))) pageCharts.get(name)?.show(chart);
  } catch {
    showState('the server does not answer: it has stopped, or is busy');
  }
  setTimeout(() => void askServer(), ASK_EVERY);
}

void askServer();

import { invalidOption } from '../../base/errors.js';
import { counted } from '../../base/numbers.js';
import { boolean, checkedBy, listOf, path } from '../../base/options/kinds.js';
import { replayJournal, type Stretch } from '../../serve/replay.js';
import { defineCommand } from '../command.js';
import { checkModelOutput } from '../model-file.js';
import type { Settings } from '../settings/setting.js';

const UNTIL = 'a time such as 2026-11-29T03:00Z, or a number of lessons';
const STRETCH = 'two times with / between them, such as 2026-11-29T03:00Z/2026-11-29T04:00Z';

/** A time in milliseconds since 1970; undefined if it is none. */
function timeIn(given: unknown): number | undefined {
  const time = typeof given === 'string' && /^\d{4}-/.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

const until = checkedBy<{ time: number } | { lessons: number }>(
  UNTIL,
  (name, value) => {
    if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return { lessons: Number(value) };
    const time = timeIn(value);
    if (time !== undefined) return { time };
    throw invalidOption(name, UNTIL, value);
  },
  { placeholder: '<time or number>', fromText: (given) => given },
);

const stretch = checkedBy<Stretch>(
  STRETCH,
  (name, value) => {
    const [from, to] = String(value).split('/').map(timeIn);
    if (from !== undefined && to !== undefined && from < to) return { from, to };
    throw invalidOption(name, STRETCH, value);
  },
  { placeholder: '<time/time>', fromText: (given) => given },
);

const replaySettings = {
  until: {
    flag: '--until',
    kind: until,
    description: 'only rows that came before a time, or this many rows from the beginning',
  },
  leaveOut: {
    flag: '--leave-out',
    kind: listOf(stretch),
    description: 'leave out rows that came between two times',
  },
  out: { flag: '--out', kind: path(), description: 'the file for the model', oldFlags: ['--output'] },
  force: {
    flag: '--force',
    kind: boolean,
    description: 'replace an existing file even if sparse-train did not write it',
  },
} as const satisfies Settings;

export default defineCommand({
  description:
    'Makes a model from the journal of serve: the newest snapshot before anything that is left out, and the rows after it, ' +
    'learned in the same order. The server may be running.',
  arguments: [
    {
      name: 'journal',
      description: 'the folder beside the model: live.safetensors.journal',
      completes: { paths: 'folders' },
    },
  ],
  options: { 'Replay:': replaySettings },
  examples: [
    'sparse-train replay live.safetensors.journal --until 2026-11-29T03:00Z --out before.safetensors',
    'sparse-train replay live.safetensors.journal --leave-out 2026-11-29T03:00Z/2026-11-29T04:00Z --out good.safetensors',
  ],
  async run({ words: [journal], options: { until: end, leaveOut, out, force = false } }) {
    if (out !== undefined) await checkModelOutput(out, force, 'sparse-train-learner');
    const result = await replayJournal(journal as string, {
      until: end !== undefined && 'time' in end ? end.time : undefined,
      upTo: end !== undefined && 'lessons' in end ? end.lessons : undefined,
      leaveOut,
      out,
    });
    const { snapshot, inSnapshot, learned, refused, leftOut, rows, digest } = result;
    const lines = [
      `begun with ${snapshot} (${counted(inSnapshot, 'lesson')})`,
      `${counted(learned, 'lesson')} learned again, ${leftOut} left out, ${refused} refused as before`,
      `${counted(rows, 'row')} in all, digest ${digest}`,
      ...(out === undefined ? [] : [`written to ${out}`]),
    ];
    return { document: result, text: () => lines.join('\n') };
  },
});

/** What a callback for a study's events can do to the study, and what it cannot do. */
import { describe, expect, it } from 'vitest';
import { createStudy, runStudy, type StudyEvent } from '../../lib/public/search.js';

const definition = {
  data: { name: 'mnist', rows: 200 },
  network: { layers: [784, '$width', 10], density: 0.05 },
  fit: { epochs: 2 },
  space: { width: { kind: 'int', low: 8, high: 16 } },
  sampler: 'random',
  // Without a pruner there are no events of epochs.
  pruner: 'median',
  trials: 4,
} as const;

describe('a callback that throws', () => {
  // Messages of threads cause events, and an error in such a handler would end the process.
  it.each(['start', 'progress', 'epoch', 'end'])(
    "at '%s' ends the study with its error, and the study can be continued",
    async (type) => {
      const study = await createStudy(definition);
      const seen: StudyEvent[] = [];
      const onEvent = (event: StudyEvent) => {
        seen.push(event);
        if (event.type === type) throw new Error(`no more at ${type}`);
      };
      await expect(runStudy(study, { parallel: 2, onEvent })).rejects.toThrow(`no more at ${type}`);
      expect(seen.some((event) => event.type === type)).toBe(true);
      await runStudy(study, { parallel: 2 });
      expect(study.trials.map(({ state }) => state)).not.toContain('running');
      expect(study.trials).toHaveLength(4);
      await study.close();
    },
  );
});

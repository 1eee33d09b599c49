#!/usr/bin/env node
/**
 * Measures how much training a local search does in an hour, and how much of the work is the search's own. Runs a study in
 * memory with the given numbers of trials at once, and prints the processor time of the conducting thread beside that of all
 * threads. Linux only.
 *
 *     node scripts/measure-search.mjs docs/studies/default-mnist.toml docs/results/search-speed.json 1 2
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { createStudy, runStudy } from '../dist/public/search.js';

const [definition, out, ...parallels] = process.argv.slice(2);

/** Processor seconds of this process's first thread, which conducts the search. */
function conductorSeconds() {
  const { pid } = process;
  // The fields after the name, which may contain anything; times are in ticks of 1/100 s.
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const results = [];
for (const parallel of parallels.map(Number)) {
  const study = await createStudy(definition);
  let first;
  const cpu = process.cpuUsage();
  const conductor = conductorSeconds();
  await runStudy(study, {
    parallel,
    // Before this, data are loaded, once for all trials.
    onEvent: ({ type }) => {
      if (type === 'start') first ??= { time: performance.now(), conductor: conductorSeconds() };
    },
  });
  const seconds = (performance.now() - first.time) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const ended = study.ended;
  const coordinatorSeconds = (conductorSeconds() - first.conductor) / ended;
  // Without the loading, which the conductor did.
  const cpuSeconds = ((user + system) / 1e6 - (first.conductor - conductor)) / ended;
  await study.close();
  const result = {
    parallel,
    trials: ended,
    seconds,
    trialsPerHour: (3600 * ended) / seconds,
    cpuSeconds,
    trialsPerCoreHour: 3600 / cpuSeconds,
    coordinatorSeconds,
    coordinatorShare: coordinatorSeconds / cpuSeconds,
    load: loadavg()[0],
  };
  results.push(result);
  console.log(
    `${parallel} at once: ${ended} trials in ${seconds.toFixed(1)} s, ${result.trialsPerHour.toFixed(0)} an hour; ` +
      `${cpuSeconds.toFixed(3)} s of CPU each, ${result.trialsPerCoreHour.toFixed(0)} in an hour of one core; conductor ` +
      `${(1000 * coordinatorSeconds).toFixed(2)} ms each (${(100 * result.coordinatorShare).toFixed(2)} %); load ${result.load.toFixed(1)}`,
  );
}
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism() };
writeFileSync(out, `${JSON.stringify({ machine, study: definition, results }, null, 1)}\n`);

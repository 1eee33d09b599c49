import { bytes, count } from '../../../base/numbers.js';
import type { ReportedRun } from '../../runs/reported-run.js';
import { type Html, html } from '../escape.js';
import { commandLine, facts, section } from '../page.js';

/** Every setting of a run from its log, by name: `fit.epochs`, `network.arithmetic.weightBits` and so on. */
export function settingsOf({ logged }: ReportedRun): [name: string, value: string][] {
  if (logged === undefined) return [];
  const { network, fit, data, kernelSet, version, machine, context } = logged.start;
  const flat = flatten({
    data: { name: context?.data?.name, ...data, ...context?.data?.origin },
    network,
    fit,
    kernelSet,
    version,
    machine: machine?.cpu,
  });
  return flat;
}

function flatten(value: unknown, path = ''): [string, string][] {
  if (value === undefined || value === null) return [];
  const isList = Array.isArray(value);
  if (isList && value.every((item) => typeof item !== 'object')) return [[path, value.join(', ')]];
  if (typeof value !== 'object') return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, item]) =>
    flatten(item, isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  );
}

/** How to repeat a run: its command, its settings, its machine. */
export function reproduction(run: ReportedRun, suffix: string, heading: string): Html {
  const { logged, model } = run;
  if (logged === undefined) return html``;
  const { start, end } = logged;
  const { machine, context } = start;
  const command = context?.command;
  const digest = end?.digest ?? model?.digest;
  const list = facts([
    ['version', start.version === undefined ? undefined : `sparse-train ${start.version}`],
    ['processor', machine?.cpu],
    ['hardware threads', machine?.cores === undefined ? undefined : String(machine.cores)],
    ['memory', machine?.memoryBytes === undefined ? undefined : bytes(machine.memoryBytes)],
    [
      'system',
      [machine?.platform, machine?.arch, machine?.node && `Node ${machine.node}`].filter(Boolean).join(', '),
    ],
    ['kernels', start.kernelSet],
    ['threads', start.fit.threads === undefined ? undefined : count(start.fit.threads)],
    ['run', html`<span class="mono">${start.run}</span>`],
    ['digest', digest === undefined ? undefined : html`<span class="mono">${digest}</span>`],
  ]);
  const how =
    command === undefined
      ? html`<p class="remark">The run was not made from the command line; these are its settings.</p>\n`
      : html`<pre>${commandLine(['npx', ...command])}</pre>\n`;
  return section(
    `reproduction${suffix}`,
    `Do it again${heading}`,
    html`${how}<h3>Where it was made</h3>${list}<details><summary>All settings</summary>${facts(settingsOf(run))}</details>`,
    command === undefined
      ? undefined
      : 'The same command on the same data gives the same digest, on every machine and thread count.',
  );
}

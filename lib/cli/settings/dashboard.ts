import { invalidOption } from '../../base/errors.js';
import { boolean, type Kind } from '../../base/options/kinds.js';
import type { Settings, Values } from './setting.js';

/** The default port of the dashboard. */
const PORT = 7784;

const PORT_TEXT = 'a port from 0 to 65535 (0: any free port)';

/** A port, or true for the default port; 0 selects any free port. */
const optionalPort: Kind<number | true> = {
  expected: PORT_TEXT,
  placeholder: '[port]',
  fromText: (text) => (/^\d+$/.test(text) ? Number(text) : text),
  check(name, value) {
    if (value === true) return value;
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535)
      return value as number;
    throw invalidOption(name, PORT_TEXT, value);
  },
};

/** Options for watching a run in a browser. */
export const dashboardSettings = {
  dashboard: {
    flag: '--dashboard',
    kind: optionalPort,
    description: `show the run in a browser on this machine while it trains (port ${PORT} unless given; 0: any free port)`,
  },
  keepDashboard: {
    flag: '--keep-dashboard',
    kind: boolean,
    description: 'keep showing the run after it has ended, until Ctrl-C',
  },
} as const satisfies Settings;

export type DashboardValues = Values<typeof dashboardSettings>;

/** How a run is shown; undefined without a dashboard. */
export interface DashboardTask {
  readonly port: number;
  /** Whether the dashboard keeps running after the run has ended. */
  readonly stays: boolean;
}

/** The settings of a dashboard. */
export function dashboardTask({ dashboard, keepDashboard }: DashboardValues): DashboardTask | undefined {
  if (dashboard === undefined && !keepDashboard) return undefined;
  return { port: typeof dashboard === 'number' ? dashboard : PORT, stays: keepDashboard ?? false };
}

import { text } from '../../base/options/kinds.js';
import type { Setting } from './setting.js';

/** The queue through which searches and their workers communicate. */
export const queueSetting = {
  flag: '--queue',
  kind: text('<address>'),
  description: 'a Redis server, redis://host:port, that passes trials to workers',
} as const satisfies Setting<string>;

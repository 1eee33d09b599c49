import { text } from '../../base/options/kinds.js';
import type { Setting } from './setting.js';

/** Where searches and their workers meet. */
export const queueSetting = {
  flag: '--queue',
  kind: text('<address>'),
  description: 'a Redis server, redis://host:port, through which trials go to workers',
} as const satisfies Setting<string>;

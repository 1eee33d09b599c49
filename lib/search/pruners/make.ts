import type { PrunerSettings } from '../definition/tables.js';
import { AshaPruner } from './asha.js';
import { HyperbandPruner } from './hyperband.js';
import { MedianPruner } from './median.js';
import type { Pruner } from './pruner.js';

/** Makes the pruner for these settings; undefined for none. */
export function makePruner(settings: PrunerSettings): Pruner | undefined {
  switch (settings.kind) {
    case 'none':
      return undefined;
    case 'median':
      return new MedianPruner(settings);
    case 'asha':
      return new AshaPruner(settings);
    case 'hyperband':
      return new HyperbandPruner(settings);
  }
}

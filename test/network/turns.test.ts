import { expect, it } from 'vitest';
import { Turns } from '../../lib/base/turns.js';

it('turns are taken one by one, in order, also after a failure', async () => {
  const turns = new Turns();
  const events: string[] = [];
  const operation =
    (name: string, fails = false) =>
    async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const first = turns.take(operation('first'));
  const second = turns.take(operation('second', true));
  const third = turns.take(operation('third'));
  await expect(first).resolves.toBe('first');
  await expect(second).rejects.toThrow('second');
  await expect(third).resolves.toBe('third');
  expect(events).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
    'third begins',
    'third ends',
  ]);
});

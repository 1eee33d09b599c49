import { describe, expect, it } from 'vitest';
import { withQueuePackages } from '../../lib/search/queue/optional.js';
import { expectRefusal } from '../datasets/refusal.js';

const failing = (code: string, message: string) => () =>
  Promise.reject(Object.assign(new Error(message), { code }));

describe('the packages that only queues need', () => {
  it.each(['bullmq', 'ioredis'])(
    'are named with the command that installs them where %s is missing',
    async (name) => {
      const load = failing('ERR_MODULE_NOT_FOUND', `Cannot find package '${name}' imported from here`);
      const parts = ['npm install "bullmq@6.7" "ioredis@^6'];
      await expectRefusal('QUEUE_UNAVAILABLE', parts, () => withQueuePackages(load));
    },
  );

  it('are not blamed for other errors', async () => {
    const load = failing('ERR_MODULE_NOT_FOUND', "Cannot find package 'semver' imported from bullmq");
    await expect(withQueuePackages(load)).rejects.toThrow('semver');
  });
});

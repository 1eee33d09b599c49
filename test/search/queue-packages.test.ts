import { describe, expect, it } from 'vitest';
import { queuePackages } from '../../lib/search/queue/optional.js';
import { expectRefusal } from '../datasets/refusal.js';

/** A require() that finds all packages except one. */
const without = (missing: string) => (name: string) => {
  if (name !== missing) return {};
  throw Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:`), {
    code: 'MODULE_NOT_FOUND',
  });
};

describe('the packages that only queues need', () => {
  it('are there for tests', () => {
    const { bullmq, ioredis } = queuePackages();
    expect(bullmq.Queue).toBeTypeOf('function');
    expect(ioredis.Redis).toBeTypeOf('function');
  });

  it.each(['bullmq', 'ioredis'])(
    'are named with the command that installs them where %s is missing',
    (name) =>
      expectRefusal('QUEUE_UNAVAILABLE', ['npm install "bullmq@6.7" "ioredis@^6'], () =>
        queuePackages(without(name)),
      ),
  );

  it('are not blamed for other errors', () => {
    const load = () => {
      throw Object.assign(new Error("Cannot find module 'semver'"), { code: 'MODULE_NOT_FOUND' });
    };
    expect(() => queuePackages(load)).toThrow('semver');
  });
});

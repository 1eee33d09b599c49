import { isIP } from 'node:net';
import { invalidOption, SparseTrainError } from '../../base/errors.js';
import { boolean, listOf, number, oneOf, text, whole } from '../../base/options/kinds.js';
import { optionName, say } from '../../base/wording.js';
import type { LearnerOptions } from '../../online/options.js';
import { LEARNER } from '../../online/options.js';
import { DurableModel } from '../../serve/durable-model.js';
import { RedisFeedback } from '../../serve/feedback/redis-feedback.js';
import { FollowedModel } from '../../serve/followed-model.js';
import { type RunningServer, startServer } from '../../serve/http/server.js';
import { DURABLE, type DurableOptions } from '../../serve/options.js';
import { defineCommand } from '../command.js';
import { interruptible } from '../interruption.js';
import { flagsOf, type Settings } from '../settings/setting.js';

const PORT = 8391;
const HOST = '127.0.0.1';
/** Bytes of a body. */
const MAX_BODY = 2 ** 20;

const networkSettings = {
  port: { flag: '--port', kind: whole(0, 65_535), description: 'the port; 0 for any free one' },
  host: { flag: '--host', kind: text('<address>'), description: 'the address to listen on' },
  token: {
    flag: '--token',
    kind: text('<secret>'),
    description: 'a secret that requests must carry; better in the environment, as SPARSE_TRAIN_TOKEN',
  },
  allowAnyone: {
    flag: '--allow-anyone',
    kind: boolean,
    description: 'listen on an address that other machines can reach, without a token',
  },
  hostName: {
    flag: '--host-name',
    kind: listOf(text('<name>')),
    description: 'host names that requests without a token may use, such as example.org',
  },
  maxBody: {
    flag: '--max-body',
    kind: whole(1024, 2 ** 27),
    description: 'the most bytes of a request, or of a line of a stream',
  },
  logLevel: {
    flag: '--log-level',
    kind: oneOf(['debug', 'info', 'warn', 'error', 'silent'], '<level>'),
    description: 'what is logged, as JSON lines on standard error',
  },
} as const satisfies Settings;

const modelSettings = {
  new: {
    flag: '--new',
    kind: boolean,
    description: 'make a new learner if the file does not exist',
  },
  label: {
    flag: '--label',
    kind: text('<column>'),
    description: 'the column to predict: /learn takes it out of the row if there is no "target"',
  },
  task: {
    flag: '--task',
    kind: oneOf(['classify', 'regress']),
    description: 'what a new learner predicts: a class or a number',
  },
} as const satisfies Settings;

const followSettings = {
  follow: {
    flag: '--follow',
    kind: text('<url or file>'),
    description: 'serve the snapshots of another server, or of a file, and do not learn',
  },
  every: {
    flag: '--every',
    kind: number({ from: 0.05, to: 86_400 }),
    description: 'seconds between checks for a new snapshot',
  },
} as const satisfies Settings;

const feedbackSettings = {
  feedback: {
    flag: '--feedback',
    kind: text('<url>'),
    description:
      'learn the entries of a Redis stream too, such as redis://localhost:6379 (needs the package ioredis)',
  },
  feedbackStream: {
    flag: '--feedback-stream',
    kind: text('<key>'),
    description: 'the key of the stream; each entry\'s field "lesson" is a body of /learn with one row',
  },
} as const satisfies Settings;

const FEEDBACK_STREAM = 'feedback';

export default defineCommand({
  description:
    'Predicts and learns by HTTP: POST /predict, /learn and /snapshot; GET /schema, /openapi.json, /metrics, /model, /history, ' +
    '/healthz and /readyz; a page with curves at /. A row is acknowledged once it is in the journal, MODEL.journal; after a crash the server comes ' +
    'back with the same bits. Needs the packages fastify, pino and prom-client.',
  arguments: [
    { name: 'model', description: 'a learner or a network; it is written at every snapshot', optional: true },
  ],
  options: {
    'Server:': networkSettings,
    'Model:': modelSettings,
    'Safety:': flagsOf(DURABLE),
    'Feedback:': feedbackSettings,
    'Readers:': followSettings,
    'A new learner:': flagsOf(LEARNER),
  },
  defaults: {
    port: String(PORT),
    host: HOST,
    maxBody: String(MAX_BODY),
    logLevel: 'info',
    task: 'classify',
    every: '5',
    feedbackStream: FEEDBACK_STREAM,
  },
  examples: [
    'sparse-train serve live.safetensors --new --label class',
    'SPARSE_TRAIN_TOKEN=$(cat secret) sparse-train serve live.safetensors --host 0.0.0.0',
    'sparse-train serve --follow http://learner:8391 --port 8392',
    'sparse-train serve live.safetensors --feedback redis://localhost:6379',
  ],
  async run({ terminal, words: [file], options }) {
    const { host = HOST, port = PORT, maxBody = MAX_BODY, logLevel = 'info', follow, label } = options;
    const { token = process.env.SPARSE_TRAIN_TOKEN, hostName, allowAnyone = false } = options;
    checkAddress(host, token, allowAnyone);
    if ((file === undefined) === (follow === undefined))
      throw new SparseTrainError('INVALID_OPTION', {
        says: say`give either the file of a model or ${optionName('follow')}`,
      });
    if (options.feedback !== undefined && follow !== undefined)
      throw new SparseTrainError('INVALID_OPTION', {
        says: say`${optionName('feedback')} does not go together with ${optionName('follow')}: a reader does not learn`,
      });
    let server: RunningServer | undefined;
    let feedback: RedisFeedback | undefined;
    const onProblem = (error: unknown) => server?.log.error(error);
    // A signal that comes while the model is being opened ends the server as soon as it runs.
    const sequence = await interruptible(
      () => server?.log.info('stopping'),
      async (signal) => {
        const model =
          follow === undefined
            ? await DurableModel.open(file as string, {
                ...durableOptions(options),
                create: newLearner(options),
              })
            : await FollowedModel.follow(follow, { every: options.every, token, onProblem });
        try {
          server = await startServer({
            model,
            host,
            port,
            maxBody,
            logLevel,
            log: terminal.streams.stderr as NodeJS.WritableStream,
            token,
            hostNames: hostName,
            label,
          });
          const { log, url } = server;
          const recovery = model instanceof DurableModel ? model.recovery : {};
          if (model instanceof DurableModel)
            model.onProblem(({ during, error }) => log.error({ during, err: error }, `${during} failed`));
          if (model instanceof DurableModel && options.feedback !== undefined)
            feedback = await RedisFeedback.start(model, options.feedback, {
              stream: options.feedbackStream ?? FEEDBACK_STREAM,
              label,
              onProblem: ({ entry, error }) =>
                log.warn({ entry, err: error }, entry === undefined ? 'feedback waits' : 'feedback refused'),
            });
          log.info({ url, model: follow ?? file, rows: model.model.rows, ...recovery }, 'serving');
          await aborted(signal);
          await server.close();
        } finally {
          await feedback?.close();
          await model.close();
        }
        server.log.info('stopped');
        return model instanceof DurableModel ? model.sequence : undefined;
      },
    );
    return { document: { model: follow ?? file, url: server?.url, sequence }, text: () => '' };
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Refuses to let others in by mistake. */
function checkAddress(host: string, token: string | undefined, allowAnyone: boolean): void {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (isLoopback || token !== undefined || allowAnyone) return;
  throw new SparseTrainError('INVALID_OPTION', {
    option: 'host',
    says: `everybody who reaches ${host} could read and teach the model`,
    advice: say`set SPARSE_TRAIN_TOKEN, or say ${optionName('allowAnyone', true)}`,
  });
}

function durableOptions({
  fsync,
  flushEvery,
  snapshotEvery,
  keep,
  maxPending,
}: DurableOptions): DurableOptions {
  return { fsync, flushEvery, snapshotEvery, keep, maxPending };
}

/** The options of a new learner; undefined without --new, which the options of a learner need. */
function newLearner({
  new: isNew = false,
  task,
  seed,
  hidden,
  window: size,
  onDrift,
  maxNames,
  maxClasses,
}: {
  new?: boolean | undefined;
  task?: 'classify' | 'regress' | undefined;
} & Omit<LearnerOptions, 'target' | 'schema'>): LearnerOptions | undefined {
  const given = { task, seed, hidden, window: size, onDrift, maxNames, maxClasses };
  if (isNew)
    return {
      target: task === 'regress' ? 'number' : 'class',
      seed,
      hidden,
      window: size,
      onDrift,
      maxNames,
      maxClasses,
    };
  const [name, value] = Object.entries(given).find(([, one]) => one !== undefined) ?? [];
  if (name === undefined) return undefined;
  throw invalidOption(name, say`left out without ${optionName('new', true)}`, value);
}

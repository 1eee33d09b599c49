/** A worker thread's side of {@link ThreadPool}: one trial at a time. */

import { hostname } from 'node:os';
import { type MessagePort, threadId } from 'node:worker_threads';
import type { TrialResult } from '../records.js';
import { openShared, PaddedData, type SharedTrialData } from '../trial/data.js';
import { runTrial } from '../trial/run-trial.js';
import type { TrialTask } from '../trial/task.js';

/** The data that a thread starts with. */
export interface ThreadJob {
  readonly task: TrialTask;
  readonly data: SharedTrialData;
  /** Sends events, and receives decisions and the request to stop. */
  readonly port: MessagePort;
}

/** A message from the thread. */
export type ThreadEvent =
  | { readonly type: 'start'; readonly worker: string }
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'epoch'; readonly epoch: number; readonly value: number };

/** A message to the thread. */
export type ThreadOrder =
  | { readonly type: 'stop' }
  | { readonly type: 'verdict'; readonly verdict: 'continue' | 'prune' };

/** The data of earlier jobs, by checksum and part; a process usually runs one study. */
let kept: { key: string; data: PaddedData } | undefined;

export default async function runJob({ task, data, port }: ThreadJob): Promise<TrialResult | undefined> {
  const key = JSON.stringify([data.checksum, task.data]);
  if (kept?.key !== key) kept = { key, data: new PaddedData(openShared(data)) };
  const stop = new AbortController();
  let answer: ((verdict: 'continue' | 'prune') => void) | undefined;
  port.on('message', (order: ThreadOrder) => {
    if (order.type === 'stop') {
      stop.abort();
      answer?.('continue');
    } else answer?.(order.verdict);
  });
  const send = (event: ThreadEvent) => port.postMessage(event);
  const worker = `${hostname()}/${process.pid}/${threadId}`;
  send({ type: 'start', worker });
  try {
    const result = await runTrial(task, kept.data, {
      signal: stop.signal,
      onProgress: (fraction) => send({ type: 'progress', fraction }),
      onEpoch: task.prunes
        ? (epoch, value) =>
            new Promise((resolve) => {
              answer = resolve;
              if (stop.signal.aborted) resolve('continue');
              else send({ type: 'epoch', epoch, value });
            })
        : undefined,
    });
    return result === undefined ? undefined : { ...result, worker };
  } finally {
    port.close();
  }
}

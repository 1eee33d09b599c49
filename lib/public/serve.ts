/**
 * Models that learn while they are in use: {@link DurableModel} keeps everything that was acknowledged through crashes,
 * {@link FollowedModel} reads what another process learns, {@link RedisFeedback} learns from a Redis stream, and
 * {@link modelRoutes} serves a model by HTTP, as a plugin of fastify.
 *
 * @module sparse-train/serve
 */

export {
  DurableModel,
  type LearnedEvent,
  type OpenOptions,
  type OriginatedLesson,
  type Outcome,
  type Problem,
  type Recovery,
} from '../serve/durable-model.js';
export {
  type FeedbackOptions,
  type FeedbackProblem,
  RedisFeedback,
} from '../serve/feedback/redis-feedback.js';
export { FollowedModel, type FollowOptions } from '../serve/followed-model.js';
export type { AccessOptions } from '../serve/http/access.js';
export { type FastifyServer, modelRoutes, type RoutesOptions } from '../serve/http/routes.js';
export type { Lesson } from '../serve/journal/record.js';
export type { Scores, ServedColumn, ServedModel } from '../serve/model/served-model.js';
export type { DurableOptions } from '../serve/options.js';
export type { Snapshot } from '../serve/snapshots.js';

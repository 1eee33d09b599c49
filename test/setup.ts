/**
 * The same random cases in every run, so that a commit that passed still passes; another seed tries others:
 * `SPARSE_TRAIN_TEST_SEED=7 npm test`.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.SPARSE_TRAIN_TEST_SEED ?? 1711) });

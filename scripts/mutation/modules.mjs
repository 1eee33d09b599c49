/** The modules whose tests are tested, and the tests that run their code in this process (folders, files). */
export const MODULES = {
  'lib/data': [
    'test/data',
    'test/datasets',
    'test/training/sparse-inputs.test.ts',
    'test/training/tables.test.ts',
  ],
  'lib/export': ['test/export', 'test/import'],
  'lib/search/samplers': ['test/search/samplers.test.ts', 'test/search/samplers'],
  'lib/network': [
    'test/network',
    'test/options',
    'test/import',
    'test/oracle/patterns.test.ts',
    'test/training/sparse-inputs.test.ts',
    'test/training/learn.test.ts',
    'test/training/lost-work.test.ts',
    'test/training/dynamic-pattern.test.ts',
    'test/hardware/measures.test.ts',
  ],
  'lib/training': ['test/training', 'test/oracle/fit.test.ts', 'test/oracle/dynamic.test.ts'],
};

/** Tests that start processes or servers, or take seconds: they cannot see a mutant, or see it too slowly. */
export const LEFT_OUT = [
  'test/datasets/catalog.test.ts',
  'test/datasets/download.test.ts',
  'test/datasets/mnist-installed.test.ts',
  'test/datasets/mnist.test.ts',
  'test/training/mnist.test.ts',
];

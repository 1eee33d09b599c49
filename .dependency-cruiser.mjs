/**
 * The floors of lib/, from the top down. A module imports from its own floor or from floors below it, never in a circle.
 * Folders that share a floor (one entry with several names) may use each other only where `NEIGHBOURS` allows it.
 * docs/architecture.md draws the same picture.
 */
const FLOORS = [
  ['public'],
  ['cli'],
  ['serve'],
  ['report', 'terminal'],
  ['bench', 'reproduce', 'search', 'export', 'import', 'hardware'],
  ['online'],
  ['training'],
  ['network'],
  ['catalog', 'formats'],
  ['data'],
  ['engine'],
  ['base'],
];

/** Folders of one floor that may import from others of it. */
const NEIGHBOURS = {
  report: ['terminal'],
  bench: ['hardware', 'reproduce'],
  reproduce: ['hardware', 'search'],
  search: ['hardware'],
  catalog: ['formats'],
};

const inFolders = (names) => `^lib/(${names.join('|')})/`;

/** A rule for each folder: what stands above it, or beside it without leave, is out of bounds. */
const floorRules = FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => {
    const above = FLOORS.slice(0, floor).flat();
    const beside = folders.filter((name) => name !== folder && !NEIGHBOURS[folder]?.includes(name));
    return {
      name: `${folder}-imports-downwards`,
      comment: `lib/${folder} may only import from its own floor or from floors below it`,
      severity: 'error',
      from: { path: inFolders([folder]) },
      to: {
        path: [
          `^lib/[^/]+\\.ts$`,
          ...(above.length + beside.length > 0 ? [inFolders([...above, ...beside])] : []),
        ],
      },
    };
  }),
);

export default {
  forbidden: [
    ...floorRules,
    {
      name: 'no-circles',
      comment: 'a circle of imports, of types included, hides where an idea belongs',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-folder-has-a-floor',
      comment: 'a new folder of lib/ needs a place in FLOORS',
      severity: 'error',
      from: {},
      to: { path: '^lib/[^/]+/', pathNot: inFolders(FLOORS.flat()) },
    },
    {
      name: 'no-orphans',
      comment: 'nothing imports this module',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.d\\.ts$|^lib/report/client/' },
      to: {},
    },
    {
      name: 'only-the-engine-knows-the-addon',
      comment:
        'outside lib/engine, code calls what its modules export (EngineNetwork, kernelSets() and so on), never the addon',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/engine/' },
      to: { path: '^lib/engine/(addon|native|loader|errors)\\.ts$' },
    },
    {
      name: 'one-place-for-zip',
      comment: 'zip archives are read and written by lib/formats/zip alone',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/formats/zip/' },
      to: { path: 'node_modules/fflate/' },
    },
    {
      name: 'no-development-dependencies',
      comment: 'users do not get development dependencies; those of queues and servers they may install',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/report/client/' },
      to: {
        dependencyTypes: ['npm-dev'],
        pathNot: 'node_modules/(bullmq|ioredis|fastify|pino|prom-client)/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^(test|dist|scripts)/' },
  },
};

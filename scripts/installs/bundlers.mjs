/** Bundling a program that uses the package. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = `import { Network } from 'sparse-train';
const network = new Network({ layers: [4, 3, 2], seed: 1 });
network.learn([1, 0, 1, 0], 1);
console.log(network.digest());
`;

/** Installs, writes the program, and returns its output without bundling. */
async function install(world, { node }) {
  await world.succeed('npm', ['install', 'sparse-train']);
  world.write('program.mjs', PROGRAM);
  return await world.succeed(node, ['program.mjs']);
}

async function expectOutput(world, wanted, command, words) {
  const found = await world.succeed(command, words);
  if (found !== wanted) throw new Error(`${words.join(' ')} printed ${found}, not ${wanted}`);
}

/** @type {Record<string, (world: import('./world.mjs').World, shared: any) => Promise<string | void>>} */
export const BUNDLERS = {
  async esbuild(world, shared) {
    const { node, tool } = shared;
    const wanted = await install(world, shared);
    for (const format of ['esm', 'cjs']) {
      const file = format === 'esm' ? 'bundle.mjs' : 'bundle.cjs';
      const words = ['program.mjs', '--bundle', '--platform=node', `--format=${format}`, `--outfile=${file}`];
      await world.succeed(tool('esbuild'), words);
      await expectOutput(world, wanted, node, [file]);
      const away = join(world.folder, '..', `moved-${format}`);
      mkdirSync(away, { recursive: true });
      cpSync(join(world.folder, file), join(away, file));
      await world.refuse('mark sparse-train as external', node, [join(away, file)], { cwd: away });
    }
    await world.succeed(tool('esbuild'), [
      'program.mjs',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--packages=external',
      '--outfile=external.mjs',
    ]);
    await expectOutput(world, wanted, node, ['external.mjs']);
  },

  async webpack(world, shared) {
    const { node, tools } = shared;
    const wanted = await install(world, shared);
    world.write(
      'bundle.cjs',
      `const webpack = require(${JSON.stringify(join(tools, 'node_modules', 'webpack'))});
      webpack({
        mode: 'production', target: 'node20', entry: './program.mjs', context: __dirname,
        output: { path: __dirname, filename: 'packed.js' }, optimization: { minimize: false },
      }, (error, stats) => {
        if (error || stats.hasErrors()) { console.error(error ?? stats.toString({ errors: true })); process.exitCode = 1; }
        const { warnings } = stats.compilation;
        if (warnings.length > 0) { console.error(warnings.map(String).join('\\n')); process.exitCode = 1; }
      });`,
    );
    await world.succeed(node, ['bundle.cjs']);
    await expectOutput(world, wanted, node, ['packed.js']);
  },

  async '@vercel/nft'(world, shared) {
    const { node, tools, platform } = shared;
    await install(world, shared);
    world.write(
      'trace.cjs',
      `const { nodeFileTrace } = require(${JSON.stringify(join(tools, 'node_modules', '@vercel', 'nft'))});
      nodeFileTrace(['program.mjs'], { base: __dirname }).then(({ fileList }) => console.log([...fileList].join('\\n')));`,
    );
    const files = (await world.succeed(node, ['trace.cjs'])).trim().split('\n');
    const addon = `node_modules/${platform}/sparse_train.node`;
    if (!files.includes(addon)) throw new Error(`it does not find ${addon}`);
    return `${files.length} files`;
  },
};

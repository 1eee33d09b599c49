# The TypeScript tests with an addon that checks its memory accesses and its arithmetic. docs/reliability.md names the tests left out.
source .ci/shared.sh
build_asan
copy=$SCRATCH/sanitized
mkdir -p "$copy/build/Release"
git ls-files -z | xargs -0 cp --parents -t "$copy"
cp -r dist "$copy/"
cp native/build/asan/Release/sparse_train.node "$copy/build/Release/"
# The measuring addon is not instrumented: its tests concern the TypeScript around it.
cp build/Release/sparse_train_bench.node "$copy/build/Release/"
ln -s "$PWD/node_modules" "$copy/node_modules"
cd "$copy"
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 \
  npx vitest run --testTimeout=300000 --exclude 'test/browser/**' --exclude 'test/faults/**' --exclude test/cli/crash.test.ts \
  --exclude test/resilience/memory.test.ts --exclude test/resilience/stream.test.ts \
  --testNamePattern '^((?!.*gives up /dev/zero|starts quickly|peaks well under).)*$'

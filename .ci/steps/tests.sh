# The command in the README: build, lint, types, C++ tests, TypeScript tests on every kernel set.
# docs/reliability.md quotes its numbers.
source .ci/shared.sh
grep -q 'npm ci && npm test' README.md || { echo 'README.md does not name the test command'; exit 1; }
export SPARSE_TRAIN_NETWORKS=1000 SPARSE_TRAIN_WORKERS=100
{ npm ci && npm test; } 2>&1 | tee "$SCRATCH/tests.log"

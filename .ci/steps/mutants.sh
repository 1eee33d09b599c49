# Changes to the code that no test noticed in the past: each must now fail a test. The whole mutation tests
# run by hand (docs/lab/mutation.md).
source .ci/shared.sh
npm run --silent test:mutation -- --named --list

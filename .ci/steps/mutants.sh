# Changes to the code that once no test noticed: each must fail a test. The whole mutation tests run by hand
# (docs/lab/mutation.md).
source .ci/shared.sh
npm run --silent test:mutation -- --named --list

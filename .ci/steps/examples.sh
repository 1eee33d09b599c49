# The programs of examples/.
source .ci/shared.sh
node scripts/run-examples.mjs

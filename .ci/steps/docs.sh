# The code blocks of README.md and docs/.
source .ci/shared.sh
node scripts/run-docs.mjs

# The digests of docs/determinism.json.
source .ci/shared.sh
node scripts/check-digest.mjs

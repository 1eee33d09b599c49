# A served model that learns and predicts for a minute: no request is refused, and its memory does not grow.
source .ci/shared.sh
node scripts/measure-serve.mjs soak 60 200

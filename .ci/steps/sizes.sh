# Sizes of the packages and the time that the command takes to start, against their limits.
source .ci/shared.sh
node scripts/check-size.mjs

# The package for 64-bit ARM Linux, cross-built and run by an emulated Node: the same digest as here.
source .ci/shared.sh
node scripts/cross-package.mjs
npm run --silent package
node scripts/check-arm64.mjs

# The package for 64-bit ARM Linux, cross-built and run by an emulated Node; it must give the same digest as
# this machine.
source .ci/shared.sh
node scripts/cross-package.mjs
npm run --silent package
node scripts/check-arm64.mjs

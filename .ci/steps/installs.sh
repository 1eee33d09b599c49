# Installs the packages with each package manager, through bundlers, and in unusual surroundings (after `package`).
source .ci/shared.sh
node scripts/check-installs.mjs

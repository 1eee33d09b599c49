# Known vulnerabilities in the packages of the lock file, where the registry can be asked.
source .ci/shared.sh
node scripts/audit.mjs

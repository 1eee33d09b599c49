# Known vulnerabilities in the packages of the lock file, if the registry answers such questions.
source .ci/shared.sh
node scripts/audit.mjs

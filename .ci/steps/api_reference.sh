# The API reference. A warning (a broken link, a type that is not exported) is an error.
source .ci/shared.sh
npm run --silent docs:api

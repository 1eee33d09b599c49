# The packages as users get them: packed, checked, installed without a compiler, trained on MNIST.
source .ci/shared.sh
rm -rf prebuilt
npm run --silent package
npx publint --strict prebuilt/sparse-train-[0-9]*.tgz
npx attw prebuilt/sparse-train-[0-9]*.tgz --profile esm-only
node scripts/check-package.mjs

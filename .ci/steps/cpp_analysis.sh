# clang-tidy with Clang's analyzer, which takes most of the time.
source .ci/shared.sh
clang_tidy OFF

# clang-tidy without Clang's analyzer. Checks files together, because most of the work is on shared headers.
source .ci/shared.sh
clang_tidy ON '--checks=-clang-analyzer-*,-bugprone-suspicious-include'

# clang-tidy without Clang's analyzer. Files go together, as most of the work is on headers that they share.
source .ci/shared.sh
clang_tidy ON '--checks=-clang-analyzer-*,-bugprone-suspicious-include'

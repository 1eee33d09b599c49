# clang-tidy's analyzer, which checks files one by one. cpp_lint runs all other checks, but for the one that cannot look
# at files together.
source .ci/shared.sh
clang_tidy OFF '--checks=-bugprone-*,-performance-*,-misc-*,-modernize-*,bugprone-suspicious-include'

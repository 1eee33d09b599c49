# The format of C++ files.
source .ci/shared.sh
git ls-files 'native/*.cpp' 'native/*.hpp' 'native/*.inl' | xargs clang-format --dry-run --Werror

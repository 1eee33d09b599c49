# The C++ tests with checks of memory accesses and of undefined behaviour.
source .ci/shared.sh
build_asan
run_ctest native/build/asan

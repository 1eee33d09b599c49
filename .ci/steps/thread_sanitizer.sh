# The C++ tests that use several threads, with checks for data races.
source .ci/shared.sh
build native/build/tsan -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1" \
  -DSPARSE_TRAIN_SANITIZE=thread '-DSPARSE_TRAIN_TEST_FILES=(team|engine|state|empty_junction)_test|sample\.cpp'
run_ctest native/build/tsan

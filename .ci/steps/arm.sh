# NEON kernels, cross-compiled and emulated. One process per core, because the emulator takes long to start.
source .ci/shared.sh
folder=native/build/aarch64
build "$folder" -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake
failed=0 running=()
for ((shard = 0; shard < JOBS; shard++)); do
  GTEST_TOTAL_SHARDS=$JOBS GTEST_SHARD_INDEX=$shard qemu-aarch64 -L /usr/aarch64-linux-gnu "$folder/sparse_train_tests" \
    >"$SCRATCH/shard-$shard.log" 2>&1 &
  running+=($!)
done
for ((shard = 0; shard < JOBS; shard++)); do
  wait "${running[$shard]}" || { cat "$SCRATCH/shard-$shard.log"; failed=1; }
done
grep -hE '^\[  PASSED  \] [1-9]' "$SCRATCH"/shard-*.log
exit "$failed"

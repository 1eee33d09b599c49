# Fuzzes every C++ part that reads other people's files, starting from test/fuzz/corpus, for 5 s or
# SPARSE_TRAIN_FUZZ_RUNS executions each. New inputs that reach more code are stored in
# native/build/fuzz/found.
source .ci/shared.sh
folder=native/build/fuzz failed=0 limit=-max_total_time=5
declare -A running=()
[ -z "${SPARSE_TRAIN_FUZZ_RUNS:-}" ] || limit=-runs=$SPARSE_TRAIN_FUZZ_RUNS
build "$folder" -DSPARSE_TRAIN_FUZZ=ON -DSPARSE_TRAIN_TESTS=OFF -DCMAKE_CXX_COMPILER=clang++ \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2"
for source in native/fuzz/*.cpp; do
  name=$(basename "$source" .cpp)
  [ "$name" != tiny ] || continue
  mkdir -p "$folder/found/$name" "$folder/corpus/$name"
  tar -xzf "test/fuzz/corpus/$name.tar.gz" -C "$folder/corpus/$name"
  "$folder/fuzz_$name" -seed=1 -entropic=0 "$limit" -max_len=300 -timeout=60 -artifact_prefix="$folder/found/$name-" \
    -print_final_stats=1 "$folder/found/$name" "$folder/corpus/$name" >"$folder/$name.log" 2>&1 &
  running[$name]=$!
done
for name in "${!running[@]}"; do
  if wait "${running[$name]}"; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log") executions"
  else
    cat "$folder/$name.log"
    failed=1
  fi
done
exit "$failed"

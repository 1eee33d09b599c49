# Functions that several steps share. Each step starts with `source .ci/shared.sh`; .ci/run sets SCRATCH and
# JOBS.
set -euo pipefail

# The addon is compiled several times from the same sources: here, as users build it, and in a clone. The cache lasts as
# long as the run, so that every run compiles everything. Warnings are errors where a file is compiled first, and -Werror
# makes no other code.
if [ -d /usr/lib/ccache ]; then
  export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$SCRATCH/ccache CCACHE_IGNOREOPTIONS=-Werror CCACHE_NOHASHDIR=1
fi

# quietly LOG COMMAND...: prints what the command printed only if it failed.
quietly() {
  local log=$SCRATCH/$1.log
  shift
  "$@" >"$log" 2>&1 || { cat "$log"; return 1; }
}

# run_ctest FOLDER: prints the closing lines, or everything if a test failed.
run_ctest() {
  quietly ctest ctest --test-dir "$1" --parallel "$JOBS" --output-on-failure --no-tests=error
  tail -n 3 "$SCRATCH/ctest.log"
}

# build FOLDER CMAKE-OPTION...: builds the engine and its tests.
build() {
  local folder=$1
  shift
  quietly cmake cmake -S native -B "$folder" -DSPARSE_TRAIN_REQUIRE_TESTS=ON -DSPARSE_TRAIN_TOGETHER=ON "$@"
  quietly cmake cmake --build "$folder" --parallel "$JOBS"
}

# Builds engine, tests and addon with sanitizers, through cmake-js. Two steps use it; the second finds it
# built.
build_asan() {
  CMAKE_BUILD_PARALLEL_LEVEL=$JOBS quietly cmake-js npx cmake-js compile -d native -O native/build/asan --log-level warn \
    --CDSPARSE_TRAIN_REQUIRE_TESTS=ON --CDSPARSE_TRAIN_TOGETHER=ON --CDSPARSE_TRAIN_SANITIZE=address,undefined \
    --CDCMAKE_CXX_FLAGS_RELEASE=-O1
}

# clang_tidy TOGETHER WORDS...: checks engine and addon, a dozen files at a time (ON) or one by one (OFF).
clang_tidy() {
  local folder=native/build/lint-$1 outcome=0
  quietly cmake-js npx cmake-js configure -d native -O "$folder" --log-level warn --CDSPARSE_TRAIN_TESTS=OFF \
    --CDSPARSE_TRAIN_TOGETHER="$1"
  shift
  node -p "require('./$folder/compile_commands.json').map(({ file }) => require('path').resolve(file))
      .filter((file) => file.startsWith('$PWD/native/')).join('\n')" |
    xargs -P "$JOBS" -n 1 clang-tidy --quiet -p "$folder" "$@" >"$SCRATCH/clang-tidy.log" 2>&1 || outcome=$?
  grep -v 'warnings generated' "$SCRATCH/clang-tidy.log" || true
  return "$outcome"
}

# python_with PACKAGE...: makes a virtual environment with the packages and prints the path of its Python.
python_with() {
  local venv=$SCRATCH/venv-$1 index
  index=$(pip config get global.extra-index-url 2>/dev/null | cut -d' ' -f1 || true)
  python3 -m venv "$venv" >&2
  PIP_INDEX_URL="${index:-${PIP_INDEX_URL:-}}" "$venv/bin/pip" install --quiet "$@" >&2
  echo "$venv/bin/python"
}

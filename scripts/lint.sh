#!/bin/sh
# clang-format and clang-tidy 19 over our sources; any difference or finding fails.
#
#   scripts/lint.sh            all of them
#   scripts/lint.sh --changed  what `make test` has time for: clang-tidy over some of those that changed since the merge base with origin/main,
#                              or else in the last commit. Not run where clang-tidy 19 is not installed.
set -eu
cd "$(dirname "$0")/.."

MOST=6  # files, of ten to thirty seconds each, and few that take longer: a minute on two processors

sources() { git "$@" -- 'src/*.cc' 'src/*.h' 'engine/*.cc' 'engine/*.h' 'lab/*.cc' 'lab/*.h'; }

# GCC's precompiled headers are none for clang, and parsing their sources would take as long as all the rest.
look_at() {
  mkdir -p build/lint
  sed 's/ -Winvalid-pch -include [^ ]*//' build/dev/compile_commands.json >build/lint/compile_commands.json
  ${LIMIT:-} run-clang-tidy-19 -quiet -p build/lint -j "$(nproc)" "$@"
}

# What is not committed counts as well; a header is looked at with the source file beside it. A shallow clone may have neither a merge
# base nor a commit before its last.
changed() {
  head=$(git rev-parse HEAD)
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=$head
  [ "$base" != "$head" ] || base=$(git rev-parse --quiet --verify HEAD~1) || base=$head
  { sources diff --name-only "$base"; sources ls-files --others --exclude-standard; } | sed 's/\.h$/.cc/' | sort -u |
    while read -r file; do
      case $file in *_test.cc) ;; *) [ ! -f "$file" ] || echo "$file" ;; esac
    done
}

if [ "${1:-}" = --changed ]; then
  command -v run-clang-tidy-19 >/dev/null || { echo "lint: no clang-tidy-19 here, not run"; exit 0; }
  # shellcheck disable=SC2046
  set -- $(changed)
  [ $# -le $MOST ] || echo "lint: $MOST of $# changed files; \`make lint\` looks at all"
  # shellcheck disable=SC2046
  [ $# = 0 ] || { LIMIT="timeout 60" look_at $(printf '%s\n' "$@" | head -n $MOST) >build/lint.log 2>&1 || status=$?; cat build/lint.log; }
  # What was found within the minute counts.
  if [ "${status:-0}" = 124 ] && ! grep -q "error: " build/lint.log; then
    echo "lint: stopped after a minute; \`make lint\` has no limit"
    status=0
  fi
  exit "${status:-0}"
fi

# shellcheck disable=SC2046
clang-format-19 --dry-run -Werror $(git ls-files '*.cc' '*.h')
cmake --preset dev >/dev/null
cmake --build --preset dev --target generated/call_filter.inc >/dev/null
# shellcheck disable=SC2046
look_at $(git ls-files 'src/*.cc' 'engine/*.cc' 'lab/*.cc' | grep -v _test.cc)

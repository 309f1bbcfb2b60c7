#!/bin/sh
# clang-format and clang-tidy 19 over our sources; any difference or finding fails.
set -eu
cd "$(dirname "$0")/.."

files=$(git ls-files '*.cc' '*.h')
# shellcheck disable=SC2086
clang-format-19 --dry-run -Werror $files
cmake --preset dev >/dev/null
# shellcheck disable=SC2046
run-clang-tidy-19 -quiet -p build/dev -j "$(nproc)" $(git ls-files 'src/*.cc' 'engine/*.cc' 'lab/*.cc' | grep -v _test.cc)

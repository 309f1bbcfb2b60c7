#!/bin/sh
# clang-format 19 over our sources, where it is installed; with --check nothing is written, any difference fails.
set -eu
cd "$(dirname "$0")/.."

command -v clang-format-19 >/dev/null || { echo "format: no clang-format-19 here, nothing is checked"; exit 0; }
how=-i
[ "${1:-}" != --check ] || how="--dry-run -Werror"
# shellcheck disable=SC2046,SC2086
clang-format-19 $how $(git ls-files '*.cc' '*.h')

#!/bin/sh
# Runs every fuzz target for SECONDS (60) each; new inputs stay in build/fuzz/corpus, crashes in build/fuzz.
set -eu
cd "$(dirname "$0")/.."

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "$(nproc)"
for program in build/fuzz/fuzz/fuzz_*; do
  [ -x "$program" ] || continue
  target=$(basename "$program" | sed 's/^fuzz_//')
  mkdir -p "build/fuzz/corpus/$target"
  echo "== $target"
  "$program" -max_total_time="${SECONDS_EACH:-60}" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 -artifact_prefix="build/fuzz/$target-" \
    "build/fuzz/corpus/$target" "fuzz/corpus/$target" 2>&1 | grep -E '^stat::|ERROR|SUMMARY' || true
  ! ls build/fuzz/"$target"-* >/dev/null 2>&1 || { echo "found: $(ls build/fuzz/"$target"-*)"; exit 1; }
done

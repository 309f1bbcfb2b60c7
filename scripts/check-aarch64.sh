#!/bin/sh
# Compiles what differs by architecture for AArch64: registers, the table of system calls, the tracer and what stands on them;
# the libraries' headers are this machine's, and are the same on both. The trampolines run as well, where qemu-aarch64 is
# there (Debian: qemu-user); it emulates no ptrace(2), so the tracer can't.
set -eu
cd "$(dirname "$0")/.."

compiler=aarch64-linux-gnu-g++
command -v "$compiler" >/dev/null || { echo "check-aarch64: no $compiler here (Debian: g++-aarch64-linux-gnu)"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# Only those folders of the host's headers that hold no code of its own architecture.
mkdir "$out/include"
for name in fmt seccomp.h capstone nlohmann; do ln -s "/usr/include/$name" "$out/include/$name"; done
count=0
echo "sock_filter{6, 0, 0, 0x7fff0000}" >"$out/include/call_filter.inc"  # made by the build, on the machine that it is for
for file in src/base/*.cc src/bytes/*.cc src/host/*.cc src/elf/*.cc src/observe/*.cc; do
  case $file in *_test.cc | *_main.cc) continue ;; esac
  "$compiler" -std=c++23 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -Isrc -isystem "$out/include" -isystem "$out/include/capstone" -c "$file" -o "$out/object.o"
  count=$((count + 1))
done
echo "check-aarch64: $count files compile"

command -v python3 >/dev/null && command -v qemu-aarch64 >/dev/null || exit 0
tools=aarch64-linux-gnu
"$tools-gcc" -shared -fPIC -Wl,-soname,liblate.so tests/late/library.c -o "$out/liblate.so"
"$compiler" -std=c++23 -c tests/late/main.cc -o "$out/main.o"
"$tools-ar" rc "$out/main.a" "$out/main.o"
scripts/late-functions.py "$tools-nm" "$tools-objdump" "$out/late.S" "$out/liblate.so" -- "$out/main.a"
"$compiler" -std=c++23 -Isrc "$out/late.S" src/cli/late_function.cc "$out/main.o" -o "$out/late"
LD_LIBRARY_PATH= qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$out" "$out/late"

#!/bin/sh
# Installs the Debian packages that tlswhy needs to build, test and run its lab: only what is missing.
#
#   scripts/setup.sh            what `make demo` needs
#   scripts/setup.sh test       the clients, servers and captures of the tests as well
#   scripts/setup.sh matrix     that, and the runtimes of Debian's that `make matrix` compares with
#   scripts/setup.sh lint       clang 19 tools for `make lint` and `make fuzz` as well
set -eu

packages="
  g++ make cmake ninja-build pkg-config git ca-certificates openssl
  libssl-dev libfmt-dev libcli11-dev nlohmann-json3-dev libtomlplusplus-dev libseccomp-dev libcapstone-dev libboost-dev
  libpython3-dev libgtest-dev
  python3 python3-jsonschema perl patchelf strace curl gnutls-bin faketime procps xz-utils util-linux
  libpcap-dev libsqlite3-dev libarchive-dev
  dpkg-dev debian-archive-keyring libexpat1 zlib1g mandoc hyperfine
"
if [ "${1:-}" = test ] || [ "${1:-}" = matrix ]; then
  packages="$packages libmbedtls-dev libwolfssl-dev libnss3-tools tshark ripgrep wget libio-socket-ssl-perl ruby php-cli"
  # Of these, whatever provides them will do.
  for pair in node:nodejs go:golang-go javac:default-jdk-headless; do
    command -v "${pair%%:*}" >/dev/null || packages="$packages ${pair#*:}"
  done
fi
if [ "${1:-}" = matrix ]; then
  packages="$packages python3-venv libmariadb3 libpq5 libcurl4 libcurl3-gnutls p11-kit p11-kit-modules"
  command -v npm >/dev/null || packages="$packages npm"
fi
[ "${1:-}" != lint ] || packages="$packages clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev g++-aarch64-linux-gnu qemu-user"

installed() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

missing=""
for package in $packages; do
  installed "$package" || missing="$missing $package"
done
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || { echo "setup: this is no Debian; install the likes of:$missing" >&2; exit 1; }
  sudo=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "setup: as root, install:$missing" >&2; exit 1; }
    sudo=sudo
  fi
  echo "setup: installing$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086
  if ! { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get failed (whole output in $log)" >&2
    exit 1
  fi
  rm -f "$log"
fi

# The lab reads the package lists' own settings; a fresh machine has none yet.
if ! apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -q .; then
  if [ "$(id -u)" = 0 ]; then apt-get update -qq; else sudo apt-get update -qq; fi
fi

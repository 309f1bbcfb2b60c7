#!/bin/sh
# Builds the origin case's bundle in a folder: a CPython with an OpenSSL that was built for /usr/local/ssl.
#
#   lab/build-origin.sh FOLDER
#
# Takes everything from Debian's own packages: the mirror is the one that this machine's apt is set up for, the
# signed package lists are kept in FOLDER/apt and never touch the machine's. Downloads are checked against those
# lists by apt and kept for the next run. Falls back to the running release when bullseye is no longer there.
set -eu

folder=$(mkdir -p "$1" && cd "$1" && pwd)
say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || die "no $keyring: the lab needs Debian's debian-archive-keyring package"

exec 9>"$folder/lock"
flock 9

# The sites of this machine's Debian archives, as its apt knows them.
sites() {
  apt-get indextargets --format '$(LABEL) $(SITE)' 'Created-By: Packages' 2>/dev/null | awk -v label="$1" '$1 == label {print $2}' | sort -u | head -n 1
}

# apt-get or apt-cache with lists of our own.
private_apt() {
  tool=$1
  shift
  "$tool" -o "Dir::State=$folder/apt/$release" -o "Dir::State::lists=$folder/apt/$release/lists" \
    -o "Dir::State::status=$folder/apt/$release/status" -o "Dir::Cache=$folder/apt/$release/cache" \
    -o "Dir::Etc::sourcelist=$folder/apt/$release/sources.list" -o "Dir::Etc::sourceparts=$folder/apt/none" \
    -o "Dir::Etc::preferencesparts=$folder/apt/none" -o Dir::Etc::preferences=/dev/null -o APT::Sandbox::User= -o Acquire::Retries=2 -qq "$@"
}

# Package lists of one release, private to the folder; fails when the mirror has it no more.
set_release() {
  release=$1
  main=$(sites Debian) security=$(sites Debian-Security)
  [ -n "$main" ] || die "apt on this machine knows no Debian archive (run apt-get update first)"
  mkdir -p "$folder/apt/none" "$folder/apt/$release/lists/partial" "$folder/apt/$release/cache/archives/partial"
  : >"$folder/apt/$release/status"
  {
    for type in deb deb-src; do
      echo "$type [signed-by=$keyring] $main $release main"
      [ -z "$security" ] || echo "$type [signed-by=$keyring] $security $release-security main"
    done
  } >"$folder/apt/$release/sources.list"
  # A fresh list is good for a day.
  if [ -z "$(find "$folder/apt/$release/updated" -mmin -1440 2>/dev/null)" ]; then
    say "package lists of $release"
    private_apt apt-get update >"$folder/apt/$release/log" 2>&1 || return 1
    touch "$folder/apt/$release/updated"
  fi
  private_apt apt-get indextargets --format '$(FILENAME)' 'Created-By: Sources' | grep -q . || return 1
}

download() (
  mkdir -p "$folder/downloads/$release"
  cd "$folder/downloads/$release"
  for package; do
    ls "${package}"_*.deb >/dev/null 2>&1 || private_apt apt-get download "$package" || exit 1
  done
  ls openssl_*.dsc >/dev/null 2>&1 && exit 0
  # The newest first; a mirror may list a version that it does not have (yet, or any more).
  for version in $(private_apt apt-cache showsrc openssl | sed -n 's/^Version: //p' | sort -rVu); do
    private_apt apt-get source --download-only "openssl=$version" && exit 0
    rm -f openssl_*
  done
  exit 1
)

# The engine's OpenSSL: the release's source, built for a directory that the nodes do not have.
build_openssl() {
  [ -e "$folder/openssl-$release/libcrypto.so" ] && return
  say "building OpenSSL of $release for OPENSSLDIR=/usr/local/ssl (about 80 s on two cores)"
  rm -rf "$folder/openssl-$release"
  (
    cd "$folder"
    dpkg-source --no-check -x "downloads/$release"/openssl_*.dsc "openssl-$release"
    cd "openssl-$release"
    ./config shared --prefix=/usr/local --openssldir=/usr/local/ssl no-tests
    make -j"$(nproc)" build_libs
  ) >"$folder/openssl-$release.log" 2>&1 || { tail -n 20 "$folder/openssl-$release.log" >&2; die "OpenSSL did not build"; }
}

unpack_python() {
  rm -rf "$folder/unpacked" && mkdir "$folder/unpacked"
  for deb in "$folder/downloads/$release"/*.deb; do dpkg-deb -x "$deb" "$folder/unpacked"; done
}

# One folder as the engine ships it: libpython, its standard library, and the two OpenSSL libraries from $2.
assemble() {
  bundle=$folder/$1
  rm -rf "$bundle" && mkdir -p "$bundle/lib"
  cp -L "$folder/unpacked/usr/lib"/*/"libpython$python.so.1.0" "$bundle/"
  cp -r "$folder/unpacked/usr/lib/python$python" "$bundle/lib/"
  cp -L "$2/libssl.so.$soversion" "$2/libcrypto.so.$soversion" "$bundle/"
}

wanted() {
  case $release in
    bullseye) python=3.9 soversion=1.1 libssl=libssl1.1 ;;
    *) python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') soversion=3
       libssl=$(apt-cache pkgnames libssl3 | sort | head -n 1) ;;
  esac
  packages="libpython$python libpython$python-minimal libpython$python-stdlib $libssl"
}

if set_release bullseye && wanted && download $packages; then
  :
else
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  say "bullseye can't be had from this machine's mirror: the lab uses the Python and OpenSSL of $codename instead"
  set_release "$codename" || die "no package lists of $codename either"
  wanted
  PATH=/usr/bin:/bin download $packages || die "the packages can't be downloaded"
fi

# A newer OpenSSL beside it, as trixie ships it, with its own C library. Missing is no error.
newer_openssl() (
  [ -e "$folder/trixie/usr/bin/openssl" ] && return
  set_release trixie || return
  mkdir -p "$folder/downloads/trixie"
  cd "$folder/downloads/trixie"
  for package in openssl libssl3t64 libc6 libzstd1 zlib1g; do
    ls "${package}"_*.deb >/dev/null 2>&1 || private_apt apt-get download "$package" || return
  done
  rm -rf "$folder/trixie.new" && mkdir "$folder/trixie.new"
  for deb in *.deb; do dpkg-deb -x "$deb" "$folder/trixie.new"; done
  rm -rf "$folder/trixie" && mv "$folder/trixie.new" "$folder/trixie"
)
newer_openssl || say "trixie can't be had from this machine's mirror: no OpenSSL 3.5 for the tests"

stamp="$release $(ls "$folder/downloads/$release" | md5sum | cut -c1-32)"
[ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ] && exit 0
build_openssl
unpack_python
assemble bundle "$folder/openssl-$release"
assemble bundle-debian "$(dirname "$(find "$folder/unpacked" -name "libcrypto.so.$soversion" | head -n 1)")"
rm -rf "$folder/unpacked"
printf '%s\n' "$release" >"$folder/release"
printf '%s\n' "$soversion" >"$folder/soversion"
printf '%s\n' "$stamp" >"$folder/stamp"
say "bundle is ready: Python $python, OpenSSL of $release"

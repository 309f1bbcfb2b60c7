#!/bin/sh
# Compiles the lab's clients for which this machine has a compiler; scenarios that need another are skipped.
#
#   lab/build-clients.sh FOLDER
set -eu

sources=$(cd "$(dirname "$0")/clients" && pwd)
folder=$1/clients
mkdir -p "$folder"
newer() { [ -e "$2" ] && [ ! "$1" -nt "$2" ]; }

if command -v go >/dev/null && ! newer "$sources/get.go" "$folder/get-go"; then
  echo "lab: compiling get.go" >&2
  GOTOOLCHAIN=local GOFLAGS=-mod=mod CGO_ENABLED=0 go build -o "$folder/get-go" "$sources/get.go" || echo "lab: no Go client" >&2
fi
if command -v javac >/dev/null && ! newer "$sources/Get.java" "$folder/Get.class"; then
  echo "lab: compiling Get.java" >&2
  javac -d "$folder" "$sources/Get.java" || echo "lab: no Java client" >&2
fi

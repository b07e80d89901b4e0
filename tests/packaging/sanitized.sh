#!/usr/bin/env bash
# sanitized.sh BUILD SOURCE SANITIZER WORDS LINE: installs BUILD, builds a careless driver with that sanitizer, and runs
# it by the installed wskrun: the sanitizer's WORDS have to name the one LINE of careless.c that has this comment.
set -euo pipefail
build=$1
source=$2/sanitized
sanitizer=$3
words=$4
mistake=$5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'cat "$folder/log" >&2' ERR

cmake --install "$build" --prefix "$folder/prefix" >"$folder/log"
cmake -S "$source" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$folder/prefix" -DSANITIZER="$sanitizer" >>"$folder/log"
cmake --build "$folder/build" >>"$folder/log"

said=$("$folder/prefix/bin/wskrun" --for 0 "$folder/build/careless.sys.so" 2>&1) && status=0 || status=$?
line=$(grep -n "/\* $mistake \*/" "$source/careless.c" | cut -d: -f1)
others=$(grep -c "$words" <<<"$said" || true)
if ! grep -q "$words" <<<"$said" || ! grep -q "careless.c:$line" <<<"$said" || ((others > 2)); then
  printf 'packaging: with the %s sanitizer, exit status %s:\n%s\n' "$sanitizer" "$status" "$said" >&2
  exit 1
fi
echo "packaging: the $sanitizer sanitizer finds the mistake of a driver"

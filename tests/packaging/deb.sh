#!/usr/bin/env bash
# deb.sh BUILD SOURCE: makes a Debian package of BUILD, installs it to an empty root, and uses it from there.
set -euo pipefail
build=$1
source=$2
if ! command -v dpkg-shlibdeps >/dev/null || ! command -v cpack >/dev/null; then
  echo "packaging: dpkg-dev or cpack is not installed"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'cat "$folder/log" >&2' ERR

cpack --config "$build/CPackConfig.cmake" -B "$folder" >"$folder/log"
package=$(find "$folder" -maxdepth 1 -name 'openwsk_*.deb')
dpkg-deb --field "$package" Depends | grep -q libstdc++6
dpkg-deb --field "$package" Version | grep -q '^[0-9]'

root=$folder/root
mkdir -p "$root/var/lib/dpkg/"{info,updates,triggers}
touch "$root/var/lib/dpkg/status"
# What it depends on is not in the empty root, but in this system, which runs it. Root is needed only for owners of files.
dpkg --root="$root" --force-depends --force-not-root --force-script-chrootless --log="$folder/dpkg.log" \
  --install "$package" >>"$folder/log" 2>&1

prefix=$root/usr
for file in bin/wskrun libexec/openwsk/openwsk-seh share/man/man1/wskrun.1 \
  share/doc/openwsk/README.md share/doc/openwsk/docs/coverage.md share/doc/openwsk/examples/gatekeeper/gatekeeper.c; do
  [[ -e $prefix/$file || -e $prefix/$file.gz ]] || { echo "packaging: the package has no $file" >&2; exit 1; }
done
# Every link of the README leads to something.
grep -oE '\]\([A-Za-z][^):#]*' "$prefix/share/doc/openwsk/README.md" | cut -c3- | while read -r link; do
  [[ -e $prefix/share/doc/openwsk/$link ]] || { echo "packaging: README.md refers to $link, which the package lacks" >&2; exit 1; }
done

cmake -S "$source/project" -B "$folder/build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >>"$folder/log"
cmake --build "$folder/build" --target hello >>"$folder/log"
"$prefix/bin/wskrun" --for 0 "$folder/build/hello.sys.so" | grep -q "hello from an installed openwsk"
echo "packaging: $(basename "$package") installs to an empty root, and runs a driver from there"

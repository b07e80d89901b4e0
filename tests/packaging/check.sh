#!/usr/bin/env bash
# check.sh BUILD SOURCE: installs BUILD to a new folder and uses it in every way that users have.
set -euo pipefail
build=$1
source=$2
folder=$(mktemp -d)
log=$folder/log
trap 'rm -rf "$folder"' EXIT
trap 'cat "$log" >&2' ERR

# Installing to one place and using it from another shows that no path is baked in.
cmake --install "$build" --prefix "$folder/first" >"$log"
mv "$folder/first" "$folder/prefix"
prefix=$folder/prefix
wskrun=$prefix/bin/wskrun

expect_greeting() {
  if ! grep -q "hello from an installed openwsk" <<<"$2"; then
    printf 'packaging: %s did not run the driver; it said:\n%s\n' "$1" "$2" >&2
    exit 1
  fi
  echo "packaging: $1 works"
}

cmake -S "$source/project" -B "$folder/find-package" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >>"$log"
cmake --build "$folder/find-package" >>"$log"
expect_greeting "find_package and wskrun" "$("$wskrun" --for 0 "$folder/find-package/hello.sys.so")"
expect_greeting "find_package and a program" "$("$folder/find-package/host" "$folder/find-package/hello.sys.so")"

expect_windows_build() {
  local said
  said=$("$wskrun" --for 0 "$2")
  if ! grep -q "returned 1, released 1" <<<"$said" || [[ $(grep -c "printed in a debug build" <<<"$said") != "$3" ]]; then
    printf 'packaging: the driver for Windows of %s said:\n%s\n' "$1" "$said" >&2
    exit 1
  fi
  echo "packaging: $1 builds as for Windows"
}

expect_windows_build "find_package" "$folder/find-package/windows_build.sys.so" 0
expect_windows_build "find_package in C++" "$folder/find-package/windows_build_cpp.sys.so" 0
# Newer compilers make errors of types that do not quite fit, unless they are told not to.
cmake -S "$source/project" -B "$folder/debug" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_C_FLAGS="-Werror=incompatible-pointer-types -Werror=int-conversion" >>"$log"
cmake --build "$folder/debug" >>"$log"
expect_windows_build "find_package and Debug" "$folder/debug/windows_build.sys.so" 1

# The example of a driver with tests of its own, as its users would build it.
cmake -S "$source/../../examples/driver_test" -B "$folder/driver-test" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >>"$log"
cmake --build "$folder/driver-test" >>"$log"
ctest --test-dir "$folder/driver-test" --no-tests=error --output-on-failure >>"$log"
echo "packaging: the tests of examples/driver_test pass"

pc_folder=$(dirname "$(find "$prefix" -name openwsk.pc)")
export PKG_CONFIG_PATH=$pc_folder
read -ra driver_flags <<<"$(pkg-config --cflags openwsk-driver)"
read -ra host_flags <<<"$(pkg-config --cflags openwsk)"
read -ra host_libraries <<<"$(pkg-config --libs openwsk)"
"$CC" -shared -fPIC -Wl,-Bsymbolic "${driver_flags[@]}" "$source/project/hello.c" -o "$folder/hello.sys.so"
"$(pkg-config --variable=seh openwsk-driver)" "$CC" -fPIC "${driver_flags[@]}" -c "$source/project/windows_build.c" \
  -o "$folder/windows_build.o"
"$CC" -shared -Wl,-Bsymbolic "$folder/windows_build.o" -o "$folder/windows_build.sys.so"
expect_windows_build "pkg-config" "$folder/windows_build.sys.so" 0
"$CXX" -std=c++20 "${host_flags[@]}" "$source/project/host.cpp" "${host_libraries[@]}" -o "$folder/host"
expect_greeting "pkg-config and wskrun" "$("$wskrun" --for 0 "$folder/hello.sys.so")"
expect_greeting "pkg-config and a program" "$("$folder/host" "$folder/hello.sys.so")"

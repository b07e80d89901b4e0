# `cpack --config BUILD/CPackConfig.cmake` makes a Debian package of what `cmake --install` installs.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME openwsk)
set(CPACK_PACKAGE_VENDOR openwsk)
set(CPACK_PACKAGE_CONTACT "The openwsk developers <maintainers@openwsk.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION
"Kernel-mode socket drivers for Windows (WSK) compile from their own unchanged
source and run as an ordinary Linux process: on the real network, or in a
simulation that replays any failure from its seed. This package has wskrun,
which runs them, and the headers and the library to build and test them.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES OFF)  # stacks in bug checks have names
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "cmake (>= 3.25), g++ | clang")
include(CPack)

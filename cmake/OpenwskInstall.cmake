# What `cmake --install` puts where: the archive, the headers, and the ways to find them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/openwsk)
set(generated_folder ${PROJECT_BINARY_DIR}/package)

install(TARGETS openwsk openwsk_archive owsk_headers EXPORT openwsk-targets)
install(EXPORT openwsk-targets NAMESPACE openwsk:: DESTINATION ${config_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/openwsk DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/km ${PROJECT_SOURCE_DIR}/include/shared
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/openwsk)

set(OWSK_LIBEXEC ${CMAKE_INSTALL_LIBEXECDIR}/openwsk)
if(TARGET openwsk_seh)
  install(TARGETS openwsk_seh DESTINATION ${OWSK_LIBEXEC})
endif()

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/openwsk-config.cmake.in ${generated_folder}/openwsk-config.cmake
  INSTALL_DESTINATION ${config_folder} PATH_VARS OWSK_LIBEXEC)
write_basic_package_version_file(${generated_folder}/openwsk-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${generated_folder}/openwsk-config.cmake
  ${generated_folder}/openwsk-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/OpenwskDriver.cmake
  DESTINATION ${config_folder})

# Everything that sees a Windows header must be of the same flavour as the archive.
set(OWSK_PC_FLAVOUR "")
if(OWSK_WIN64)
  set(OWSK_PC_FLAVOUR " -DOWSK_WIN64_ABI")
endif()
list(TRANSFORM OWSK_DRIVER_MACROS PREPEND "-D" OUTPUT_VARIABLE macros)
list(JOIN macros " " OWSK_PC_MACROS)
# The .pc files find their prefix from where they are, so that an installation may be moved.
file(RELATIVE_PATH OWSK_PC_TO_PREFIX
     /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" OWSK_PC_TO_PREFIX ${OWSK_PC_TO_PREFIX})
foreach(package openwsk openwsk-driver)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${package}.pc.in ${generated_folder}/${package}.pc @ONLY)
  install(FILES ${generated_folder}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# Documents and examples, in the folders that their links name.
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE
              ${PROJECT_SOURCE_DIR}/CONTRIBUTING.md ${PROJECT_SOURCE_DIR}/SECURITY.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN man EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/docs/man/wskrun.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

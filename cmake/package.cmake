# cpack: a Debian package where dpkg's tools are, and an archive elsewhere. A package is of the
# build tree that it is made in: cpack --config build/release/CPackConfig.cmake
set(CPACK_PACKAGE_VENDOR "cvm-conformance")
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/packaging/debian/maintainer.cmake)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
find_program(dpkg_deb dpkg-deb)
find_program(dpkg_shlibdeps dpkg-shlibdeps)
find_program(file_program file)
if(dpkg_deb AND dpkg_shlibdeps AND file_program)
  set(CPACK_GENERATOR DEB)
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Tells whether a server conforms to the two endpoints by which the
configuration of a confidential virtual machine (CVM) is changed. It sends
requests to CVMs that are named to it, judges every answer and every change,
puts the CVMs back as they were, and writes reports for people and for CI.

A reference implementation to try it on is part of the program.")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/debian/stage.cmake)
include(CPack)

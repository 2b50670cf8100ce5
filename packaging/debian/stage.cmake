# Run by cpack on the staged tree, before it is packed: what Debian wants otherwise than upstream.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(share ${CPACK_TEMPORARY_DIRECTORY}/usr/share)
set(doc ${share}/doc/cvm-conformance)
find_program(gzip gzip REQUIRED)

# Debian's zsh looks into a folder of its own for what packages bring.
file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
# The text is part of every system.
file(REMOVE ${doc}/LICENSE)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${doc})
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
# A package of its own upstream has one changelog, in Debian's form.
file(READ ${CMAKE_CURRENT_LIST_DIR}/changelog changelog)
string(REGEX REPLACE "\n -- .*>  " "\n -- ${CPACK_PACKAGE_CONTACT}  " changelog "${changelog}")
file(WRITE ${doc}/changelog "${changelog}")
execute_process(COMMAND ${gzip} -9n ${doc}/changelog ${share}/man/man1/cvm-conformance.1
                COMMAND_ERROR_IS_FATAL ANY)

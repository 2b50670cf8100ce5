# Read by cpack: who answers for a package is who makes it, named as Debian's own tools want it.
# Unnamed it is an address that says of itself that nobody reads it (RFC 6761).
set(CPACK_PACKAGE_CONTACT "cvm-conformance authors <authors@cvm-conformance.invalid>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
  set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()

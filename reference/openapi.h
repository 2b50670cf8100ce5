/*
 * The contract as an OpenAPI document: openapi.json, which the build makes a C array of. It has the
 * two endpoints of the contract, without the prose of its pages.
 */
#ifndef CF_REF_OPENAPI_H
#define CF_REF_OPENAPI_H

#include <stddef.h>

/* The document; static. */
const char *cf_ref_openapi(size_t *out_len);

#endif

/*
 * An OpenAPI document (3.0 or 3.1): from a file or a URL; as JSON, as YAML, or as a page of
 * documentation (Markdown) that holds one in a fenced yaml block.
 */
#ifndef CF_CLI_OPENAPI_DOCUMENT_H
#define CF_CLI_OPENAPI_DOCUMENT_H

#include "harness/base/json.h"

struct cf_openapi {
    struct cf_json_doc doc; /* a JSON object with an object "paths" */
    bool excerpt;           /* of a page: what it lacks may stand on another */
};

/* Errors: CF_ENOTFOUND, CF_EIO (the file), CF_ENET and the like (the URL was not answered with
 * 200), CF_EINPUT (not such a document: "NAME:LINE:COLUMN: ..."), CF_ELIMIT. out is zeroed on
 * failure. */
CF_MUST_CHECK enum cf_code cf_openapi_load(struct cf_openapi *out, const char *file_or_url,
                                           struct cf_err *err);
void cf_openapi_release(struct cf_openapi *openapi);

/* Whether it is a URL that cf_openapi_load() would ask for. */
bool cf_openapi_is_url(const char *file_or_url);

/* What node stands for: itself, or, for {"$ref": "#/..."}, what that leads to, however often; NULL
 * where it leads nowhere, outside the document, or in a circle. */
const cJSON *cf_openapi_resolve(const struct cf_openapi *openapi, const cJSON *node);

#endif

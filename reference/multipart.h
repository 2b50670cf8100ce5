/*
 * multipart/form-data (RFC 7578 over RFC 2046, section 5.1), strictly: the whole body is at hand,
 * so there is no streaming and no guessing.
 */
#ifndef CF_REF_MULTIPART_H
#define CF_REF_MULTIPART_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CF_REF_BOUNDARY_MAX = 70, /* RFC 2046, section 5.1.1 */
    CF_REF_PARTS_MAX = 64,
    CF_REF_PART_NAME_MAX = 128,
    CF_REF_PART_TYPE_MAX = 256,
    CF_REF_PART_HEADERS_MAX = 8192 /* bytes of one part's header block */
};

struct cf_ref_part {
    char name[CF_REF_PART_NAME_MAX];
    char content_type[CF_REF_PART_TYPE_MAX]; /* "" where the part has none */
    bool has_filename;
    const char *bytes; /* into the body: not terminated, any byte */
    size_t len;
};

/*
 * Find the first part with this name (NULL: of any). CF_OK: it is in *out, and the whole body was
 * well-formed. CF_ENOTFOUND: well-formed, no such part. CF_EINPUT: no multipart/form-data of this
 * boundary; CF_ELIMIT: one of the limits above. err says which.
 */
CF_MUST_CHECK enum cf_code cf_ref_multipart_find(const char *body, size_t body_len,
                                                 const char *boundary, const char *name,
                                                 struct cf_ref_part *out, struct cf_err *err);

#endif

/* Media types of requests (RFC 9110, section 8.3). */
#ifndef CF_REF_MEDIA_H
#define CF_REF_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the header value, NULL for none, names this type, whatever its case and parameters. */
bool cf_ref_media_is(const char *content_type, const char *type);

/* Whether it is a type of JSON: application/json or application/anything+json. */
bool cf_ref_media_is_json(const char *content_type);

/*
 * A parameter's value, quoted or not, copied with its NUL into out. False when it is absent, does
 * not fit, or the parameters cannot be read.
 */
bool cf_ref_media_parameter(const char *content_type, const char *name, char *out,
                            size_t out_bytes);

#endif

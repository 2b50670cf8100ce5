/*
 * Keeping secrets out of everything that is stored or shown.
 *
 * A secret is known by its value; it is searched for as it is and in the forms in which a server or
 * a library may echo it, each alone or in JSON, HTML, URL or quoted-printable escapes up to three
 * deep: base64 (at each of the three alignments, both alphabets, with line breaks; of base64, of
 * hex and of UTF-16), hex (both cases, with separators), lists of character codes, UTF-16 and
 * UTF-32, and in another letter case where it has eight bytes. Every hit becomes the secret's
 * placeholder, "$NAME". What is compressed is not seen here: see coding.h.
 */
#ifndef CF_HTTP_REDACT_H
#define CF_HTTP_REDACT_H

#include "harness/base/buf.h"
#include "harness/record/record.h"

struct cf_redactor;

struct cf_redactor *cf_redactor_new(void);
void cf_redactor_free(struct cf_redactor *redactor);

enum { CF_SECRET_MIN_BYTES = 6 };
/* Know one more secret. placeholder: e.g. "$ACME_API_KEY". Errors: CF_EINPUT (value shorter than
 * CF_SECRET_MIN_BYTES: replacing it would garble innocent text). */
CF_MUST_CHECK enum cf_code cf_redactor_add(struct cf_redactor *redactor, const char *value,
                                           size_t len, const char *placeholder, struct cf_err *err);

/* Hide this value of this header whole, whatever its length. */
void cf_redactor_add_header(struct cf_redactor *redactor, const char *name, const char *value,
                            const char *placeholder);
/* What is to be shown in place of the header's value; NULL when it need not be hidden whole. */
const char *cf_redactor_header(const struct cf_redactor *redactor, const char *name,
                               const char *value);

/* Whether any form of any secret occurs in bytes. */
bool cf_redactor_finds(const struct cf_redactor *redactor, const char *bytes, size_t len);

/* Append bytes to out with every hit replaced. */
void cf_redactor_apply(const struct cf_redactor *redactor, const char *bytes, size_t len,
                       struct cf_buf *out);

/* Scan a file piecewise (hits across pieces are found; memory stays flat), one compressed by gzip
 * also as what it stands for. out_hit is set to the placeholder of a secret that occurs, the
 * redactor's, or to NULL. Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (begins as gzip does and is not
 * whole). */
CF_MUST_CHECK enum cf_code cf_redactor_scan_file(const struct cf_redactor *redactor,
                                                 const char *path, const char **out_hit,
                                                 struct cf_err *err);

#endif

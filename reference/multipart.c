#include "reference/multipart.h"
#include "reference/media.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The bytes not yet read. */
struct rest {
    const char *at;
    size_t len;
};

static void skip(struct rest *rest, size_t n)
{
    rest->at += n;
    rest->len -= n;
}

static bool starts_with(const struct rest *rest, const char *text, size_t len)
{
    return rest->len >= len && memcmp(rest->at, text, len) == 0;
}

/* Where needle first occurs; NULL: nowhere. memchr leaps over what cannot start it. */
static const char *find(const struct rest *rest, const char *needle, size_t len)
{
    const char *p = rest->at;
    size_t left = rest->len;
    while (left >= len) {
        const char *hit = memchr(p, needle[0], left - len + 1);
        if (!hit)
            return NULL;
        if (memcmp(hit, needle, len) == 0)
            return hit;
        left -= (size_t)(hit + 1 - p);
        p = hit + 1;
    }
    return NULL;
}

/* ---- one part's headers ---- */

/* The parameters of Content-Disposition; a header value holds no NUL, so a copy is text. */
static enum cf_code read_disposition(const char *value, struct cf_ref_part *part,
                                     struct cf_err *err)
{
    char filename[1024];
    if (!cf_ref_media_is(value, "form-data"))
        return cf_err_set(err, CF_EINPUT, "a part's disposition is not form-data");
    if (!cf_ref_media_parameter(value, "name", part->name, sizeof(part->name)))
        return cf_err_set(err, CF_EINPUT, "a part has no readable name");
    part->has_filename = cf_ref_media_parameter(value, "filename", filename, sizeof(filename)) ||
                         cf_ref_media_parameter(value, "filename*", filename, sizeof(filename));
    return CF_OK;
}

/* The header's value as text when the line is of this header. False: it is of another, or too long
 * for value, which *too_long tells apart. */
static bool header_value(const char *line, size_t len, const char *name, char *value,
                         size_t value_bytes, bool *too_long)
{
    size_t name_len = strlen(name);
    if (len < name_len || strncasecmp(line, name, name_len) != 0)
        return false;
    line += name_len;
    len -= name_len;
    for (; len > 0 && (*line == ' ' || *line == '\t'); len--)
        line++;
    *too_long = len >= value_bytes;
    if (*too_long)
        return false;
    memcpy(value, line, len);
    value[len] = '\0';
    return true;
}

static enum cf_code read_header(const char *line, size_t len, struct cf_ref_part *part, bool *named,
                                struct cf_err *err)
{
    char value[2048];
    bool too_long = false;
    if (memchr(line, '\0', len) || !memchr(line, ':', len))
        return cf_err_set(err, CF_EINPUT, "a part's header line is malformed");
    if (header_value(line, len, "Content-Type:", part->content_type, sizeof(part->content_type),
                     &too_long))
        return CF_OK;
    if (header_value(line, len, "Content-Disposition:", value, sizeof(value), &too_long)) {
        *named = true;
        return read_disposition(value, part, err);
    }
    return too_long ? cf_err_set(err, CF_ELIMIT, "a part's header is too long") : CF_OK;
}

/* The header block up to and with its empty line. */
static enum cf_code read_headers(struct rest *rest, struct cf_ref_part *part, struct cf_err *err)
{
    const char *start = rest->at;
    bool named = false;
    for (;;) {
        const char *end = find(rest, "\r\n", 2);
        if (!end)
            return cf_err_set(err, CF_EINPUT, "a part's header block has no end");
        if (end - start > CF_REF_PART_HEADERS_MAX)
            return cf_err_set(err, CF_ELIMIT, "a part's header block is too long");
        size_t len = (size_t)(end - rest->at);
        enum cf_code code = len > 0 ? read_header(rest->at, len, part, &named, err) : CF_OK;
        if (code != CF_OK)
            return code;
        skip(rest, len + 2);
        if (len == 0)
            return named ? CF_OK : cf_err_set(err, CF_EINPUT, "a part has no Content-Disposition");
    }
}

/* ---- the body ---- */

/* Past the delimiter's own line: "--" after it ends the body, white space may pad it. */
static enum cf_code end_delimiter(struct rest *rest, bool *last, struct cf_err *err)
{
    *last = starts_with(rest, "--", 2);
    if (*last) {
        skip(rest, 2); /* whatever follows is an epilogue */
        return CF_OK;
    }
    while (rest->len > 0 && (*rest->at == ' ' || *rest->at == '\t'))
        skip(rest, 1);
    if (!starts_with(rest, "\r\n", 2))
        return cf_err_set(err, CF_EINPUT, "a boundary line does not end");
    skip(rest, 2);
    return CF_OK;
}

static enum cf_code read_part(struct rest *rest, const char *delimiter, size_t delimiter_len,
                              struct cf_ref_part *part, bool *last, struct cf_err *err)
{
    *part = (struct cf_ref_part){0};
    enum cf_code code = read_headers(rest, part, err);
    if (code != CF_OK)
        return code;
    const char *end = find(rest, delimiter, delimiter_len);
    if (!end)
        return cf_err_set(err, CF_EINPUT, "the last boundary is missing");
    part->bytes = rest->at;
    part->len = (size_t)(end - rest->at);
    skip(rest, part->len + delimiter_len);
    return end_delimiter(rest, last, err);
}

/* The first delimiter stands at the start of the body or after a preamble's line. */
static enum cf_code skip_preamble(struct rest *rest, const char *delimiter, size_t delimiter_len,
                                  bool *last, struct cf_err *err)
{
    if (starts_with(rest, delimiter + 2, delimiter_len - 2)) {
        skip(rest, delimiter_len - 2);
        return end_delimiter(rest, last, err);
    }
    const char *start = find(rest, delimiter, delimiter_len);
    if (!start)
        return cf_err_set(err, CF_EINPUT, "the boundary never occurs");
    skip(rest, (size_t)(start - rest->at) + delimiter_len);
    return end_delimiter(rest, last, err);
}

enum cf_code cf_ref_multipart_find(const char *body, size_t body_len, const char *boundary,
                                   const char *name, struct cf_ref_part *out, struct cf_err *err)
{
    char delimiter[CF_REF_BOUNDARY_MAX + 5];
    size_t boundary_len = strlen(boundary);
    struct rest rest = {.at = body, .len = body_len};
    struct cf_ref_part part;
    bool last = false;
    bool found = false;
    if (boundary_len == 0 || boundary_len > CF_REF_BOUNDARY_MAX)
        return cf_err_set(err, CF_EINPUT, "a boundary has 1 to 70 characters");
    size_t delimiter_len = (size_t)snprintf(delimiter, sizeof(delimiter), "\r\n--%s", boundary);
    enum cf_code code = skip_preamble(&rest, delimiter, delimiter_len, &last, err);
    for (int count = 0; code == CF_OK && !last; count++) {
        if (count == CF_REF_PARTS_MAX)
            return cf_err_set(err, CF_ELIMIT, "more than %d parts", CF_REF_PARTS_MAX);
        code = read_part(&rest, delimiter, delimiter_len, &part, &last, err);
        if (code == CF_OK && !found && (!name || strcmp(part.name, name) == 0)) {
            *out = part;
            found = true;
        }
    }
    if (code != CF_OK)
        return code;
    return found ? CF_OK : cf_err_set(err, CF_ENOTFOUND, "no part is named \"%.64s\"", name);
}

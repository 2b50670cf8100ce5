/*
 * Escapes of URLs, forms, JSON, HTML and quoted-printable, undone without knowing which of them is
 * meant: the room's own, behind redact_forms.h.
 */
#ifndef CF_HTTP_REDACT_ESCAPES_H
#define CF_HTTP_REDACT_ESCAPES_H

#include <stdbool.h>
#include <stddef.h>

enum { CF_ESCAPE_DEPTH_MAX = 3 };

/* What one escape stands for: a byte, or a character in UTF-8. */
struct cf_plain {
    unsigned char bytes[4];
    size_t len;
};

static inline bool cf_escape_begins(unsigned char byte)
{
    return byte == '%' || byte == '\\' || byte == '&' || byte == '=' || byte == '+';
}

/* Bytes taken up by the escape that text, of one byte or more, begins with; 0 when it begins with
 * none, and out is as it was. */
size_t cf_escape_undo(const unsigned char *text, size_t len, struct cf_plain *out);

/* The same, of what text reads as when all its escapes are undone `depth` times, 0 or more. */
size_t cf_escape_undo_deep(const unsigned char *text, size_t len, int depth, struct cf_plain *out);

/* What a backslash and this letter stand for in JSON; -1 for nothing, and for "u". */
int cf_escape_json_meaning(unsigned char letter);

#endif

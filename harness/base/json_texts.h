/*
 * JSON texts that were parsed lately: the same bytes, read again, need no parsing.
 *
 * A case reads the same resource before and after what it does, and cases that share what another
 * one did read its answers once more. A text that is held stays as it is, whatever else is read.
 */
#ifndef CF_BASE_JSON_TEXTS_H
#define CF_BASE_JSON_TEXTS_H

#include <cjson/cJSON.h>
#include <stddef.h>

enum { CF_JSON_TEXTS_MAX = 64, CF_JSON_TEXTS_MAX_BYTES = 8 << 20 /* of all that are kept */ };

struct cf_json_text {
    const cJSON *root; /* NULL where it is not JSON */
    const char *error; /* why not, as cf_json_parse() says of "body"; else NULL */
};

struct cf_json_texts_item;

/* Zeroed: none. */
struct cf_json_texts {
    struct cf_json_texts_item *items[CF_JSON_TEXTS_MAX];
    size_t count, bytes;
    unsigned long reads;
};

/* The text, held until cf_json_text_release(). texts NULL: nothing is kept. */
const struct cf_json_text *cf_json_texts_read(struct cf_json_texts *texts, const char *bytes,
                                              size_t len);
/* The same, held once more. */
const struct cf_json_text *cf_json_text_hold(const struct cf_json_text *text);
void cf_json_text_release(const struct cf_json_text *text);

/* Lets go of all; what is held stays until it is released. */
void cf_json_texts_release(struct cf_json_texts *texts);

#endif

/*
 * The body of a 422: one row for every fault of a request, each with its place, words and type.
 */
#ifndef CF_REF_DETAIL_H
#define CF_REF_DETAIL_H

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "reference/switches.h"

/* A place in the request, innermost first, kept on the stack of whoever walks the body. */
struct cf_ref_loc {
    const struct cf_ref_loc *parent;
    const char *name; /* NULL: an element, by its index */
    size_t index;
};

enum { CF_REF_DETAIL_MAX_BYTES = 1 << 20, CF_REF_LOC_MAX = 8 };

struct cf_ref_detail {
    const struct cf_ref_switches *on;
    struct cf_buf rows; /* JSON objects with commas between */
    size_t count;
    /* For deviations only. */
    const char *first_member; /* of the body; not owned */
    bool inside_gpus;         /* a fault lies within that member */
    bool exception;           /* a careless server would have crashed */
};

void cf_ref_detail_init(struct cf_ref_detail *detail, const struct cf_ref_switches *on);
void cf_ref_detail_release(struct cf_ref_detail *detail);

/* Add a row. input is the refused value, NULL where none was sent. Rows past the buffer's maximum
 * are left out. */
void cf_ref_detail_add(struct cf_ref_detail *detail, const struct cf_ref_loc *loc, const char *type,
                       const char *message, const cJSON *input);

/* Append the whole body, {"detail": [...]}. */
void cf_ref_detail_put(const struct cf_ref_detail *detail, struct cf_buf *out);

#endif

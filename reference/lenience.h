/*
 * What servers that check too little make of a member of the wrong type. A conforming one refuses
 * every such member, and cf_ref_lenience() says so.
 */
#ifndef CF_REF_LENIENCE_H
#define CF_REF_LENIENCE_H

#include "harness/base/json.h"
#include "reference/field.h"
#include "reference/switches.h"

enum cf_ref_lenience {
    CF_REF_LENIENCE_NONE,   /* check it as the schema says */
    CF_REF_LENIENCE_IGNORE, /* as if the member were not there */
    CF_REF_LENIENCE_TAKE    /* store what was written to out */
};

/* ordinal: the member's place in the body, from 0. out takes a value in the field's own spelling.
 */
enum cf_ref_lenience cf_ref_lenience(const struct cf_ref_switches *on, enum cf_ref_field field,
                                     const cJSON *node, size_t ordinal, struct cf_buf *out);

/* What becomes of an array where an object belongs, when it is read as the object's members in
 * their order, as some deserialisers do: the caller frees it. NULL: nothing, or it holds too many.
 */
cJSON *cf_ref_in_order(const cJSON *node, const char *const *names, size_t count);

#endif

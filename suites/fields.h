/*
 * The fields of UpdateCvmRequest (update-cvm.md, components/schemas), and what it takes to move
 * and to compare them. Everything that depends on a field's nature is here.
 */
#ifndef CF_SUITES_FIELDS_H
#define CF_SUITES_FIELDS_H

#include "harness/base/json.h"

enum cf_field_kind {
    CF_FIELD_TEXT,
    CF_FIELD_HEX, /* text in which the case of letters and a leading 0x do not matter */
    CF_FIELD_BOOLEAN,
    CF_FIELD_INTEGER,
    CF_FIELD_NAMES, /* array of strings, in any order */
    CF_FIELD_GPUS
};

struct cf_field {
    const char *name;
    enum cf_field_kind kind;
    bool affects_hash; /* part of app-compose.json */
    bool needs_values; /* the profile must list legal values */
    bool nullable;
    int least; /* the least number that is legal, as far as the contract says; 0 */
};

enum { CF_FIELD_COUNT = 15 };
extern const struct cf_field cf_fields[CF_FIELD_COUNT];

/* Index of the field, -1 for an unknown name. */
int cf_field_index(const char *name);

/*
 * Whether a reading shows a value. Empty text, an empty list, null and absence all read as "none",
 * since a server may store any of them for any other; GPUs match when the slots do and whatever
 * else was asked for is there. read may be NULL (absent).
 */
bool cf_field_same(const struct cf_field *field, const cJSON *read, const cJSON *asked);

/* Whether a reading has a shape that can be compared for this field at all. */
bool cf_field_readable(const struct cf_field *field, const cJSON *read);

/* Generators of rows for case files: one row a field ("fields": id, field, kind), and the pairwise
 * covering array over the presence of all fields ("presence-pairs": id, and a member "fields" with
 * the names present). The caller frees them. */
cJSON *cf_rows_fields(void);
cJSON *cf_rows_presence_pairs(void);

#endif

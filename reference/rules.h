/*
 * Bugs as tables. A row says which bug or liberty it is, at which point of the flow it shows, under
 * which circumstances, and what comes of it; the flow itself only names the point. So the way of
 * the contract can be read without the bugs, and a bug of a known kind is one more row.
 *
 * Points, circumstances and values are each table's own.
 */
#ifndef CF_REF_RULES_H
#define CF_REF_RULES_H

#include "reference/switches.h"

struct cf_ref_rule {
    enum cf_ref_id id;
    int point;
    uint32_t when;   /* only where all of these hold */
    uint32_t unless; /* and none of these */
    uint32_t value;
    const char *text;
};

/* A row: identifier, point, and what else it needs by name, as in
 * CF_REF_ROW(CF_REF_DEV_..., POINT, .when = ..., .value = ...). */
#define CF_REF_ROW(which, ...)                                                                     \
    {                                                                                              \
        .id = which, .point = __VA_ARGS__                                                          \
    }

struct cf_ref_rules {
    const struct cf_ref_rule *rows;
    size_t count;
};

#define CF_REF_RULES(array)                                                                        \
    {                                                                                              \
        array, sizeof(array) / sizeof((array)[0])                                                  \
    }

/* The first row that is switched on, of this point, and of these circumstances; NULL: none. */
const struct cf_ref_rule *cf_ref_rule(const struct cf_ref_switches *on,
                                      const struct cf_ref_rules *rules, int point, uint32_t facts);

/* The values of all such rows together, as a mask. */
uint32_t cf_ref_rules_mask(const struct cf_ref_switches *on, const struct cf_ref_rules *rules,
                           int point, uint32_t facts);

/* The text of the first such row; usual where there is none. */
const char *cf_ref_rules_text(const struct cf_ref_switches *on, const struct cf_ref_rules *rules,
                              int point, uint32_t facts, const char *usual);

#endif

/*
 * A set of strings, each kept once and known by a number: 0, 1, 2 in order of arrival.
 *
 * Used wherever many records name few things (suites, requirements, reasons) or a thing must be
 * found again by its id.
 */
#ifndef CF_BASE_INTERN_H
#define CF_BASE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cf_intern {
    char **items; /* owned; items[number] */
    size_t count, cap;
    uint32_t *slots; /* private: number + 1, or 0 */
    size_t slot_count;
};

/* A zeroed struct is an empty set. */
void cf_intern_release(struct cf_intern *set);
/* The number of text, added (copied) when new. */
size_t cf_intern_add(struct cf_intern *set, const char *text);
/* Whether text is there; out_number may be NULL, and is written only when it is. */
bool cf_intern_find(const struct cf_intern *set, const char *text, size_t *out_number);

#endif

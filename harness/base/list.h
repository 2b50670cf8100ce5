/* An ordered list of texts. */
#ifndef CF_BASE_LIST_H
#define CF_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct cf_list {  /* zeroed: empty */
    char **items; /* owned */
    size_t count, cap;
};

/* Append a copy. */
void cf_list_add(struct cf_list *list, const char *text);
/* Append a copy of each of more's. */
void cf_list_add_all(struct cf_list *list, const struct cf_list *more);
/* Whether one of the items is text. */
bool cf_list_has(const struct cf_list *list, const char *text);
void cf_list_release(struct cf_list *list);

#endif

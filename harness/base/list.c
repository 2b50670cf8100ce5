#include "harness/base/list.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

void cf_list_add(struct cf_list *list, const char *text)
{
    list->items = cf_grow(list->items, list->count, &list->cap, sizeof(*list->items));
    list->items[list->count++] = cf_strdup(text);
}

void cf_list_add_all(struct cf_list *list, const struct cf_list *more)
{
    for (size_t i = 0; i < more->count; i++)
        cf_list_add(list, more->items[i]);
}

bool cf_list_has(const struct cf_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0)
            return true;
    }
    return false;
}

void cf_list_release(struct cf_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct cf_list){0};
}

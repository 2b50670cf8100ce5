#include "harness/base/intern.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a. Ids come from case files and results that the user chose to read, so nobody gains from
 * making them collide. */
static uint64_t hash(const char *text)
{
    uint64_t value = 14695981039346656037u;
    for (; *text != '\0'; text++)
        value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value;
}

/* The slot where text is, or the free one where it belongs. */
static size_t slot_of(const struct cf_intern *set, const char *text)
{
    size_t at = (size_t)hash(text) & (set->slot_count - 1);
    while (set->slots[at] != 0 && strcmp(set->items[set->slots[at] - 1], text) != 0)
        at = (at + 1) & (set->slot_count - 1);
    return at;
}

void cf_intern_release(struct cf_intern *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        free(set->items[i]);
    free(set->items);
    free(set->slots);
    *set = (struct cf_intern){0};
}

/* Keep at most half of the slots used, so that a search is short. */
static void grow(struct cf_intern *set)
{
    size_t cap = set->cap ? set->cap * 2 : 32;
    if (cap > UINT32_MAX / 2)
        cf_mem_exhausted(); /* numbers have 32 bits: more names than that are more than memory */
    set->items = cf_realloc(set->items, cap, sizeof(*set->items));
    free(set->slots);
    set->slots = cf_alloc_array(cap * 2, sizeof(*set->slots));
    set->slot_count = cap * 2;
    set->cap = cap;
    for (size_t i = 0; i < set->count; i++)
        set->slots[slot_of(set, set->items[i])] = (uint32_t)(i + 1);
}

size_t cf_intern_add(struct cf_intern *set, const char *text)
{
    size_t number;
    if (cf_intern_find(set, text, &number))
        return number;
    if (set->count == set->cap)
        grow(set);
    set->slots[slot_of(set, text)] = (uint32_t)(set->count + 1);
    set->items[set->count] = cf_strdup(text);
    return set->count++;
}

bool cf_intern_find(const struct cf_intern *set, const char *text, size_t *out_number)
{
    if (set->slot_count == 0)
        return false;
    uint32_t found = set->slots[slot_of(set, text)];
    if (found != 0 && out_number)
        *out_number = found - 1;
    return found != 0;
}

/* Who answered, and by what name the requests went: what a statement says of both ends. */
#include "cli/certify/statement.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void note(struct cf_list *list, const char *text)
{
    if (text && !cf_list_has(list, text))
        cf_list_add(list, text);
}

static int by_bytes(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static void sort(struct cf_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_bytes);
}

void cf_answerers_note(struct cf_answerers *answerers, const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->exchange_count; i++) {
        note(&answerers->addresses, record->exchanges[i].peer);
        note(&answerers->authorities, record->exchanges[i].authority);
    }
}

void cf_answerers_sort(struct cf_answerers *answerers)
{
    sort(&answerers->addresses);
    sort(&answerers->authorities);
}

enum cf_code cf_answerers_find(struct cf_answerers *out, const struct cf_results *results,
                               struct cf_err *err)
{
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < cf_results_count(results); i++) {
        struct cf_case_record record;
        code = cf_results_case(results, i, &record, err);
        if (code != CF_OK)
            break;
        cf_answerers_note(out, &record);
        cf_case_record_release(&record);
    }
    cf_answerers_sort(out);
    return code;
}

void cf_answerers_release(struct cf_answerers *answerers)
{
    cf_list_release(&answerers->addresses);
    cf_list_release(&answerers->authorities);
}

const char *cf_certified_user_agent(const struct cf_profile *profile)
{
    const cJSON *headers = profile->headers;
    for (const cJSON *h = headers ? headers->child : NULL; h; h = h->next) {
        if (strcasecmp(h->string, "User-Agent") == 0)
            return h->valuestring;
    }
    return "cvm-conformance/" CF_VERSION;
}

#include "harness/case/case.h"

#include <stdlib.h>
#include <string.h>

/* ---- lifetimes ---- */

void cf_requirement_free(struct cf_requirement *requirement)
{
    if (!requirement)
        return;
    free(requirement->id);
    free(requirement->suite);
    free(requirement->file);
    cf_json_release(&requirement->doc);
    cJSON_Delete(requirement->made_rows);
    free(requirement);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void cf_case_free(struct cf_case *one)
{
    if (!one)
        return;
    free(one->id);
    free(one->title);
    free(one->control);
    free(one->shares);
    free(one->from);
    free_texts(one->also, one->also_count);
    free_texts(one->needs_pics, one->needs_pics_count);
    free(one);
}

/* ---- looking ---- */

const char *cf_case_requirement_id(const struct cf_case *one, size_t number)
{
    if (number == 0)
        return one->requirement->id;
    return number <= one->also_count ? one->also[number - 1] : NULL;
}

bool cf_case_checks(const struct cf_case *one, const char *requirement_id)
{
    const char *id;
    for (size_t i = 0; (id = cf_case_requirement_id(one, i)) != NULL; i++) {
        if (strcmp(id, requirement_id) == 0)
            return true;
    }
    return false;
}

#include "cli/openapi/elements.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { ELEMENTS_MAX_BYTES = 4 << 20, NAMED_MAX = 4 };

enum cf_code cf_elements_load(struct cf_json_doc *out, const char *path, struct cf_err *err)
{
    enum cf_code code = cf_json_load(out, path, ELEMENTS_MAX_BYTES, CF_JSON_FILE, err);
    if (code == CF_OK && !cJSON_IsArray(out->root)) {
        code = cf_err_set(err, CF_EINPUT, "%s: not a list of elements", path);
        cf_json_release(out);
    }
    return code;
}

/* The first element of the page whose place begins with this one and names requirements. */
static const cJSON *find(const struct cf_json_doc *elements, const char *page, const char *place)
{
    const cJSON *element;
    size_t len = strlen(place);
    cJSON_ArrayForEach(element, elements->root)
    {
        const char *at = cf_json_text(element, "place", "");
        if (strcmp(cf_json_text(element, "page", ""), page) == 0 && strncmp(at, place, len) == 0 &&
            (at[len] == '\0' || strchr(", /", at[len])) &&
            cJSON_GetArraySize(cf_json_get(element, "requirements")) > 0)
            return element;
    }
    return NULL;
}

/* Cut the last part of a place off. False: it has one part only. */
static bool shorten(char *place)
{
    char *end = place + strlen(place);
    while (end > place && *end != ',' && *end != '/')
        end--;
    if (end == place)
        return false;
    *end = '\0';
    return true;
}

void cf_elements_put_requirements(const struct cf_json_doc *elements, const char *page,
                                  const char *place, struct cf_buf *out)
{
    char *part = cf_strdup(place);
    const cJSON *element = find(elements, page, part);
    const cJSON *one;
    int count = 0;
    while (!element && shorten(part))
        element = find(elements, page, part);
    free(part);
    cJSON_ArrayForEach(one, cf_json_get(element, "requirements"))
    {
        if (!cJSON_IsString(one))
            continue;
        if (count == NAMED_MAX) {
            cf_buf_puts(out, ", \xe2\x80\xa6");
            break;
        }
        cf_buf_printf(out, "%s%s", count++ > 0 ? ", " : "", one->valuestring);
    }
}

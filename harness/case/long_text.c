#include "harness/case/long_text.h"
#include "harness/case/shape.h"

enum cf_code cf_long_text_join(const struct cf_json_doc *doc, const cJSON *holder,
                               const char *member, const char *path, struct cf_err *err)
{
    struct cf_buf text = {0};
    cJSON *node = cf_json_get(holder, member);
    if (!cJSON_IsArray(node))
        return CF_OK;
    enum cf_code code = cf_shape_lines(doc, node, path, 1, err);
    if (code != CF_OK)
        return code;
    for (const cJSON *line = node->child; line; line = line->next)
        cf_buf_printf(&text, "%s%s", line == node->child ? "" : " ", line->valuestring);
    cJSON_Delete(node->child);
    node->child = NULL;
    node->type = cJSON_String;
    node->valuestring = cf_buf_take(&text, NULL);
    return CF_OK;
}

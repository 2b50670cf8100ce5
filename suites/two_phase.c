#include "suites/two_phase.h"
#include "suites/words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool cf_is_hash(const char *text)
{
    size_t digits = 0;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    while (isxdigit((unsigned char)text[digits]))
        digits++;
    return digits == 64 && text[digits] == '\0';
}

static bool is_token(const char *text)
{
    return *text != '\0';
}

typedef bool accept_fn(const char *text);

/* "compose_hash", "composeHash", "X-Compose-Hash": the same name to a reader. */
static bool same_name(const char *name, const char *wanted)
{
    if (strncasecmp(name, "x-", 2) == 0)
        name += 2;
    for (;; name++) {
        if (*name == '_' || *name == '-')
            continue;
        while (*wanted == '_')
            wanted++;
        if (tolower((unsigned char)*name) != *wanted)
            return false;
        if (*name == '\0')
            return true;
        wanted++;
    }
}

static const cJSON *accepted(const cJSON *value, accept_fn *accept)
{
    return cJSON_IsString(value) && accept(value->valuestring) ? value : NULL;
}

/* A member of that name, or a row {"field": NAME, "value": V}, at any depth. */
static const cJSON *search(const cJSON *node, const char *name, accept_fn *accept)
{
    const cJSON *found = NULL;
    const char *field = cf_json_text(node, "field", NULL);
    if (field && same_name(field, name))
        found = accepted(cf_json_get(node, "value"), accept);
    for (const cJSON *child = node ? node->child : NULL; child && !found; child = child->next) {
        if (child->string && same_name(child->string, name))
            found = accepted(child, accept);
    }
    for (const cJSON *child = node ? node->child : NULL; child && !found; child = child->next) {
        if (cJSON_IsArray(child) || cJSON_IsObject(child))
            found = search(child, name, accept);
    }
    return found;
}

static cJSON *locate(const struct cf_answer *answer, const char *name, const char *header,
                     accept_fn *accept)
{
    const cJSON *found = search(answer->json, name, accept);
    if (found)
        return cJSON_Duplicate(found, 1);
    const char *text = cf_headers_get(&answer->exchange->response_headers, header);
    return text && accept(text) ? cJSON_CreateString(text) : NULL;
}

cJSON *cf_locate_compose_hash(const struct cf_answer *answer)
{
    return locate(answer, "compose_hash", "X-Compose-Hash", cf_is_hash);
}

cJSON *cf_locate_commit_token(const struct cf_answer *answer)
{
    return locate(answer, "commit_token", "X-Commit-Token", is_token);
}

const struct cf_locator cf_locators[] = {{"compose-hash", cf_locate_compose_hash},
                                         {"commit-token", cf_locate_commit_token},
                                         {NULL, NULL}};

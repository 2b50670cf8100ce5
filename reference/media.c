#include "reference/media.h"

#include <string.h>
#include <strings.h>

static const char token_end[] = "; \t,";

bool cf_ref_media_is(const char *content_type, const char *type)
{
    size_t len = content_type ? strcspn(content_type, token_end) : 0;
    return len > 0 && strlen(type) == len && strncasecmp(content_type, type, len) == 0;
}

bool cf_ref_media_is_json(const char *content_type)
{
    size_t len = content_type ? strcspn(content_type, token_end) : 0;
    bool suffixed = len > 17 && strncasecmp(content_type, "application/", 12) == 0 &&
                    strncasecmp(content_type + len - 5, "+json", 5) == 0;
    return suffixed || cf_ref_media_is(content_type, "application/json");
}

/* Copy the value at p, a token or a quoted string; the end of it, NULL when malformed or too long.
 */
static const char *read_value(const char *p, char *out, size_t out_bytes)
{
    bool quoted = *p == '"';
    size_t len = 0;
    p += quoted;
    while (*p != '\0' && (quoted ? *p != '"' : !strchr(token_end, *p))) {
        if (quoted && *p == '\\' && p[1] != '\0')
            p++;
        if (len + 1 >= out_bytes)
            return NULL;
        out[len++] = *p++;
    }
    if (quoted && *p != '"')
        return NULL;
    out[len] = '\0';
    return p + quoted;
}

bool cf_ref_media_parameter(const char *content_type, const char *name, char *out, size_t out_bytes)
{
    char scratch[256];
    const char *p = content_type ? content_type + strcspn(content_type, ";") : "";
    while (*p == ';') {
        p += 1 + strspn(p + 1, " \t");
        size_t name_len = strcspn(p, "=; \t");
        if (p[name_len] != '=') {
            p += name_len + strcspn(p + name_len, ";");
            continue;
        }
        bool wanted = strlen(name) == name_len && strncasecmp(p, name, name_len) == 0;
        p = read_value(p + name_len + 1, wanted ? out : scratch,
                       wanted ? out_bytes : sizeof(scratch));
        if (wanted || !p)
            return p != NULL;
        p += strcspn(p, ";");
    }
    return false;
}

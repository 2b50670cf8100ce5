/* From a request step to the bytes on the wire. */
#include "harness/base/mem.h"
#include "harness/run/near_key.h"
#include "harness/run/steps.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A wrong key is of one length whatever the right one's: the transcript does not tell how long that
 * is, and can be judged again by those who do not know it. */
enum { BODY_MAX_BYTES = 32 << 20, WRONG_KEY_DIGITS = 40 };

/* ---- bodies ---- */

static bool put_hex(struct cf_buf *out, const char *hex)
{
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], '\0'};
        if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]))
            return false;
        cf_buf_putc(out, (char)strtol(pair, NULL, 16));
    }
    return hex[0] == '\0';
}

/* A part's bytes: "content" as text, or "hex". */
static bool put_content(struct cf_buf *out, const cJSON *part)
{
    const char *hex = cf_json_text(part, "hex", NULL);
    if (hex)
        return put_hex(out, hex);
    cf_buf_puts(out, cf_json_text(part, "content", ""));
    return true;
}

/* Whether boundary occurs in any part: then it would cut it. */
static bool boundary_occurs(const cJSON *parts, const char *boundary)
{
    const cJSON *part;
    cJSON_ArrayForEach(part, parts)
    {
        if (strstr(cf_json_text(part, "content", ""), boundary))
            return true;
    }
    return false;
}

static bool put_multipart(struct cf_case_run *run, const cJSON *multipart, char boundary[48],
                          struct cf_buf *out)
{
    const cJSON *parts = cf_json_get(multipart, "parts");
    const cJSON *part;
    do {
        char hex[33];
        cf_random_hex(&run->random, hex, 16);
        snprintf(boundary, 48, "------------------------%s", hex); /* as curl does */
    } while (boundary_occurs(parts, boundary));
    cJSON_ArrayForEach(part, parts)
    {
        const char *name = cf_json_text(part, "name", NULL);
        const char *filename = cf_json_text(part, "filename", NULL);
        const char *type = cf_json_text(part, "type", NULL);
        cf_buf_printf(out, "--%s\r\nContent-Disposition: form-data", boundary);
        if (name)
            cf_buf_printf(out, "; name=\"%s\"", name);
        if (filename)
            cf_buf_printf(out, "; filename=\"%s\"", filename);
        if (type)
            cf_buf_printf(out, "\r\nContent-Type: %s", type);
        cf_buf_puts(out, "\r\n\r\n");
        if (!put_content(out, part))
            return false;
        cf_buf_puts(out, "\r\n");
    }
    cf_buf_printf(out, "--%s--\r\n", boundary);
    return true;
}

/* The body and its default content type (in type, "" for none). False: malformed hex. */
static bool put_body(struct cf_case_run *run, const cJSON *step, struct cf_buf *out, bool *has_body,
                     char *type, size_t type_size)
{
    const cJSON *json = cf_json_get(step, "json");
    const cJSON *text = cf_json_get(step, "text");
    const cJSON *hex = cf_json_get(step, "hex");
    const cJSON *multipart = cf_json_get(step, "multipart");
    type[0] = '\0';
    *has_body = json || text || hex || multipart;
    if (json) {
        cf_json_print(out, json);
        snprintf(type, type_size, "application/json");
    } else if (text) {
        if (cJSON_IsString(text))
            cf_buf_puts(out, text->valuestring);
        else
            cf_json_print(out, text);
    } else if (hex) {
        return cJSON_IsString(hex) && put_hex(out, hex->valuestring);
    } else if (multipart) {
        char boundary[48];
        if (!put_multipart(run, multipart, boundary, out))
            return false;
        snprintf(type, type_size, "multipart/form-data; boundary=%s", boundary);
    }
    return true;
}

/* ---- credentials ---- */

static bool is_near_key(const char *how)
{
    const struct cf_near_key *kind = cf_near_keys;
    while (kind->how && strcmp(kind->how, how) != 0)
        kind++;
    return kind->how != NULL;
}

/* The credential header as the step's "auth" wants it. */
static void add_credentials(struct cf_case_run *run, const char *how, struct cf_headers *headers)
{
    const struct cf_profile *p = run->profile;
    size_t len = strlen(p->auth.value);
    if (strcmp(how, "none") == 0)
        return;
    bool bearer = strcmp(how, "bearer") == 0 && strcasecmp(p->auth_header, "authorization") != 0;
    char *near = is_near_key(how) ? cf_near_key_make(p->auth.value, how) : NULL;
    char *name = cf_strdup(bearer ? "Authorization" : p->auth_header);
    char *value = cf_alloc(len + WRONG_KEY_DIGITS + 1);
    snprintf(value, len + WRONG_KEY_DIGITS + 1, "%s%s", bearer ? "Bearer " : "",
             near ? near : p->auth.value);
    free(near);
    if (strcmp(how, "empty") == 0)
        value[0] = '\0';
    else if (strcmp(how, "wrong") == 0)
        cf_random_hex(&run->random, value, WRONG_KEY_DIGITS);
    else if (strcmp(how, "other-case") == 0)
        cf_swap_case(name);
    cf_headers_add(headers, name, value);
    free(name);
    free(value);
}

/* ---- the whole ---- */

static const char *target_id(struct cf_case_run *run, const cJSON *step)
{
    const char *id = cf_json_text(step, "to_id", NULL);
    return id ? id : cf_run_fixture(run, cf_json_text(step, "to", NULL));
}

/* headers of the step: a null value means: not this one. */
static void add_headers(const cJSON *step, const char *type, struct cf_headers *headers)
{
    const cJSON *own = cf_json_get(step, "headers");
    const cJSON *content_type = cf_json_get(step, "content_type");
    if (cJSON_IsString(content_type))
        cf_headers_add(headers, "Content-Type", content_type->valuestring);
    else if (!content_type && *type)
        cf_headers_add(headers, "Content-Type", type);
    for (const cJSON *h = own ? own->child : NULL; h; h = h->next) {
        if (cJSON_IsString(h))
            cf_headers_add(headers, h->string, h->valuestring);
    }
}

static enum cf_code build(struct cf_case_run *run, struct cf_built_request *built,
                          struct cf_err *err)
{
    const cJSON *step = built->step;
    const struct cf_endpoint *endpoint =
        cf_engine_endpoint(run->engine, cf_json_text(step, "request", ""));
    if (!endpoint)
        return cf_err_set(err, CF_EINPUT, "no endpoint is called \"%s\"",
                          cf_json_text(step, "request", ""));
    const char *method = cf_json_text(step, "method", endpoint->method);
    const char *path = cf_json_text(step, "path", endpoint->path);
    char type[128];
    bool has_body;
    struct cf_buf body;
    cf_buf_init(&body, BODY_MAX_BYTES);
    enum cf_code code = put_body(run, step, &body, &has_body, type, sizeof(type))
                            ? cf_buf_check(&body, err)
                            : cf_err_set(err, CF_EINPUT, "hex: not an even number of hex digits");
    if (code != CF_OK) {
        cf_buf_release(&body);
        return code;
    }
    built->body = cf_buf_take(&body, &built->body_len);
    cf_run_request_init(run, &built->request, method, path, target_id(run, step), false);
    add_credentials(run, cf_json_text(step, "auth", "default"), &built->request.headers);
    add_headers(step, type, &built->request.headers);
    if (has_body) {
        built->request.body = built->body;
        built->request.body_len = built->body_len;
    }
    return CF_OK;
}

bool cf_built_request_init(struct cf_case_run *run, const cJSON *step, struct cf_built_request *out)
{
    struct cf_err err = {0};
    *out = (struct cf_built_request){0};
    /* Captures and expectations are looked at later, with the answer at hand. */
    cJSON *request = cJSON_CreateObject();
    const cJSON *member;
    cJSON_ArrayForEach(member, step)
    {
        if (strcmp(member->string, "expect") == 0 || strcmp(member->string, "capture") == 0)
            continue;
        cJSON_AddItemToObject(request, member->string, cJSON_Duplicate(member, 1));
    }
    out->step = cf_run_expand(run, request);
    cJSON_Delete(request);
    if (!out->step)
        return false;
    if (build(run, out, &err) == CF_OK)
        return true;
    cf_run_error(run, "%s", err.text);
    cf_built_request_release(out);
    return false;
}

void cf_built_request_release(struct cf_built_request *built)
{
    if (built->request.method)
        cf_run_request_release(&built->request);
    cJSON_Delete(built->step);
    free(built->body);
    *built = (struct cf_built_request){0};
}

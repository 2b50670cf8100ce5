#include "suites/app_compose.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "suites/reading.h"

#include <stdlib.h>
#include <string.h>

/* As JSON.stringify() and Python's json.dumps(ensure_ascii=False) write a text, byte for byte. */
static void put_text(struct cf_buf *out, const char *text)
{
    static const char short_ones[] = "\b\t\n\f\r\"\\";
    static const char letters[] = "btnfr\"\\";
    cf_buf_putc(out, '"');
    for (const char *c = text; *c; c++) {
        const char *found = strchr(short_ones, *c);
        if (found)
            cf_buf_printf(out, "\\%c", letters[found - short_ones]);
        else if ((unsigned char)*c < 0x20)
            cf_buf_printf(out, "\\u%04x", (unsigned)*c);
        else
            cf_buf_putc(out, *c);
    }
    cf_buf_putc(out, '"');
}

static int by_name(const void *a, const void *b)
{
    const cJSON *const *left = a;
    const cJSON *const *right = b;
    return strcmp((*left)->string, (*right)->string);
}

static void put_object(struct cf_buf *out, const cJSON *object)
{
    size_t count = (size_t)cJSON_GetArraySize(object);
    const cJSON **members = cf_alloc_array(count + 1, sizeof(*members));
    size_t n = 0;
    for (const cJSON *member = object->child; member; member = member->next)
        members[n++] = member;
    qsort(members, count, sizeof(*members), by_name);
    cf_buf_putc(out, '{');
    for (size_t i = 0; i < count; i++) {
        cf_buf_puts(out, i > 0 ? "," : "");
        put_text(out, members[i]->string);
        cf_buf_putc(out, ':');
        cf_cvm_put_canonical(out, members[i]);
    }
    cf_buf_putc(out, '}');
    free(members);
}

/* As deep as the strict reader lets JSON be. */
void cf_cvm_put_canonical(struct cf_buf *out, const cJSON *value)
{
    if (cJSON_IsObject(value)) {
        put_object(out, value);
        return;
    }
    if (cJSON_IsString(value)) {
        put_text(out, value->valuestring);
        return;
    }
    if (!cJSON_IsArray(value)) {
        cf_json_print(out, value);
        return;
    }
    cf_buf_putc(out, '[');
    for (const cJSON *item = value->child; item; item = item->next) {
        cf_cvm_put_canonical(out, item);
        cf_buf_puts(out, item->next ? "," : "");
    }
    cf_buf_putc(out, ']');
}

static cJSON *hash_of(const cJSON *document)
{
    char hex[CF_SHA256_HEX];
    struct cf_buf text = {0};
    if (!cJSON_IsObject(document))
        return cJSON_CreateNull();
    cf_cvm_put_canonical(&text, document);
    cf_sha256_hex(cf_buf_text(&text), text.len, hex);
    cf_buf_release(&text);
    return cJSON_CreateString(hex);
}

static bool shows_object(const struct cf_answer *answer, const void *pointer)
{
    return cJSON_IsObject(cf_json_at(answer->json, pointer));
}

enum cf_code cf_cvm_app_compose_hash(struct cf_case_run *run, const char *id, cJSON **out,
                                     struct cf_err *err)
{
    struct cf_cvm_shown shown;
    bool is_shown = cf_cvm_reading_finds(run->profile, CF_CVM_APP_COMPOSE, &shown);
    if (is_shown) {
        const struct cf_run_wanted wanted = {
            .body = CF_BODY_JSON, .shows = shows_object, .context = shown.pointer};
        enum cf_code code = cf_run_get(run, "read the app-compose", shown.get, id, &wanted, err);
        if (code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED)
            return code;
        if (code != CF_OK)
            return err->code = CF_ENOTFOUND; /* nothing is known, and nobody of ours to blame */
    }
    int status = is_shown ? run->last.exchange->status : 404;
    if (status != 200 && status != 404)
        return cf_err_set(err, CF_ENOTFOUND, "GET %s answered %d", shown.get, status);
    *out = hash_of(status == 200 ? cf_json_at(run->last.json, shown.pointer) : NULL);
    return CF_OK;
}

#include "suites/sent.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one exchange ---- */

static bool is_update(const struct cf_exchange *exchange)
{
    if (exchange->kind == CF_EXCHANGE_HOOK)
        return exchange->hook && strcmp(exchange->hook, "reset") == 0;
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->method &&
           strcmp(exchange->method, "GET") != 0 && strcmp(exchange->method, "HEAD") != 0;
}

/* Answers that a gateway may give are none of the IUT's, nor does "not now" tell what was done. */
static bool is_refusal(const struct cf_exchange *exchange)
{
    int status = exchange->status;
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->method &&
           strcmp(exchange->method, "PATCH") == 0 && status >= 400 && status < 600 &&
           !cf_run_may_be_anothers(exchange) && !cf_run_held_off(exchange);
}

static bool is_script(const struct cf_exchange *exchange)
{
    return exchange->url && strstr(exchange->url, "/pre-launch-script");
}

static bool mentions_proof(const struct cf_exchange *exchange)
{
    return strcmp(exchange->method, "PATCH") != 0 ||
           cf_headers_get(&exchange->request_headers, "X-Compose-Hash") ||
           cf_headers_get(&exchange->request_headers, "X-Transaction-Hash");
}

/* ---- which fields a body names ---- */

static bool all(bool names[CF_CVM_FIELD_COUNT])
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        names[i] = true;
    return true;
}

/* Letters and digits in lower case: the same name to any reader. */
static char *plain(const char *text, size_t len)
{
    struct cf_buf out = {0};
    for (size_t i = 0; i < len; i++) {
        if (isalnum((unsigned char)text[i]))
            cf_buf_putc(&out, (char)tolower((unsigned char)text[i]));
    }
    char *taken = cf_buf_take(&out, NULL);
    cf_buf_release(&out);
    return taken;
}

/* Whether plain text begins with a field's name, or is it: names are made of [a-z0-9_] alone. */
static bool is_named(const char *read, const char *name, bool whole)
{
    for (; *name; name++) {
        if (*name != '_' && *read++ != *name)
            return false;
    }
    return !whole || !*read;
}

/* Which fields a text has the names of; false for none. */
static bool find_names(const char *text, size_t len, bool whole, bool names[CF_CVM_FIELD_COUNT])
{
    bool some = false;
    char *read = plain(text, len);
    for (int i = 0; read && i < CF_CVM_FIELD_COUNT; i++) {
        const char *at = read;
        bool here = is_named(at, cf_cvm_fields[i].name, whole);
        while (!here && !whole && *at)
            here = is_named(++at, cf_cvm_fields[i].name, false);
        names[i] = names[i] || here;
        some = some || here;
    }
    free(read);
    return some;
}

/* A member that the contract does not know may be anything to who knows it. */
static void name_members(const cJSON *body, bool names[CF_CVM_FIELD_COUNT])
{
    for (const cJSON *m = body->child; m; m = m->next) {
        if (!find_names(m->string, strlen(m->string), true, names))
            all(names);
    }
}

static void name_fields(struct cf_json_texts *texts, const struct cf_exchange *exchange,
                        bool names[CF_CVM_FIELD_COUNT])
{
    const struct cf_body *body = &exchange->request_body;
    if (is_script(exchange)) {
        names[cf_cvm_field_index("pre_launch_script")] = true;
        return;
    }
    if (body->len == 0)
        return;
    const struct cf_json_text *text = cf_json_texts_read(texts, body->bytes, body->len);
    if (cJSON_IsObject(text->root))
        name_members(text->root, names);
    else
        find_names(body->bytes, body->len, false, names);
    cf_json_text_release(text);
}

/* ---- all of them ---- */

/* Whether it may have to do with the CVM of a role: it names no other of the case's. */
static bool concerns(const struct cf_case_run *run, int role, const struct cf_exchange *exchange)
{
    const char *url = exchange->url;
    if (!url || strstr(url, run->fixtures[role]))
        return true;
    for (size_t i = 0; i < run->one->role_count; i++) {
        if (run->fixtures[i] && strstr(url, run->fixtures[i]))
            return false;
    }
    return true;
}

/* What phase 1 asked for comes with phase 2, whatever that one's body says. */
static void name_registered(const struct cf_case_run *run, size_t before,
                            bool names[CF_CVM_FIELD_COUNT])
{
    const struct cf_case_record *record = run->record;
    for (size_t i = 0; i < before; i++) {
        if (is_update(&record->exchanges[i]) && record->exchanges[i].status == 465)
            name_fields(run->texts, &record->exchanges[i], names);
    }
}

static void add_accepted(struct cf_cvm_sent *sent, const struct cf_case_run *run, size_t index)
{
    const struct cf_exchange *exchange = &run->record->exchanges[index];
    /* 409 tells of something that goes on. */
    bool refused = exchange->status >= 400 && exchange->status < 500 && exchange->status != 409 &&
                   !cf_run_held_off(exchange);
    sent->accepted = true;
    sent->awaited = sent->awaited || !refused;
    sent->last = index;
    if (exchange->kind == CF_EXCHANGE_HOOK) {
        all(sent->free);
        return;
    }
    name_fields(run->texts, exchange, sent->free);
    if (mentions_proof(exchange))
        name_registered(run, index, sent->free);
}

struct cf_cvm_sent cf_cvm_sent_since(const struct cf_case_run *run, int role, size_t since)
{
    struct cf_cvm_sent sent = {0};
    for (size_t i = since; i < run->record->exchange_count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[i];
        if (!is_update(exchange))
            continue;
        if (!is_refusal(exchange)) {
            if (!concerns(run, role, exchange))
                continue;
            add_accepted(&sent, run, i);
        } else if (sent.refused_count < CF_CVM_SENT_REFUSED_MAX) {
            sent.refused[sent.refused_count++] = i;
        }
        sent.count++;
    }
    return sent;
}

static bool asks(struct cf_json_texts *texts, const struct cf_exchange *exchange, int field,
                 const cJSON *value)
{
    const struct cf_body *body = &exchange->request_body;
    if (is_script(exchange))
        return field == cf_cvm_field_index("pre_launch_script");
    if (body->len == 0)
        return false;
    const struct cf_json_text *text = cf_json_texts_read(texts, body->bytes, body->len);
    const cJSON *asked = text->root ? cf_json_get(text->root, cf_cvm_fields[field].name) : NULL;
    bool same = asked && value && cf_cvm_field_same(&cf_cvm_fields[field], value, asked);
    cf_json_text_release(text);
    return same;
}

const struct cf_exchange *cf_cvm_sent_blamed(const struct cf_cvm_sent *sent,
                                             const struct cf_case_record *record, int field,
                                             const cJSON *value)
{
    const struct cf_exchange *naming = NULL;
    for (size_t i = sent->refused_count; field >= 0 && i > 0; i--) {
        bool names[CF_CVM_FIELD_COUNT] = {false};
        const struct cf_exchange *refused = &record->exchanges[sent->refused[i - 1]];
        if (asks(NULL, refused, field, value))
            return refused;
        name_fields(NULL, refused, names);
        if (names[field] && !naming)
            naming = refused;
    }
    if (naming || sent->accepted || sent->refused_count == 0)
        return naming;
    return &record->exchanges[sent->refused[sent->refused_count - 1]];
}

/* Whether what a phase 1 asked for may have been committed since. */
static bool is_committed(const struct cf_case_record *record, size_t phase1)
{
    for (size_t i = phase1 + 1; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (is_update(exchange) && !is_refusal(exchange) && exchange->kind == CF_EXCHANGE_HTTP &&
            mentions_proof(exchange))
            return true;
    }
    return false;
}

/* Whether the exchange has, or was to have, the field changed, to whichever value. */
static bool has_changed(const struct cf_case_run *run, size_t index, int field)
{
    const struct cf_case_record *record = run->record;
    const struct cf_exchange *exchange = &record->exchanges[index];
    bool names[CF_CVM_FIELD_COUNT] = {false};
    if (!is_update(exchange) || exchange->kind != CF_EXCHANGE_HTTP ||
        (is_refusal(exchange) && (exchange->status != 465 || !is_committed(record, index))))
        return false;
    name_fields(run->texts, exchange, names);
    return names[field];
}

bool cf_cvm_sent_asked_earlier(const struct cf_case_run *run, int field, const cJSON *value)
{
    const struct cf_case_record *record = run->record;
    for (size_t i = record->exchange_count; i > 0; i--) {
        if (!has_changed(run, i - 1, field))
            continue;
        if (asks(run->texts, &record->exchanges[i - 1], field, value))
            return true;
        if (!mentions_proof(&record->exchanges[i - 1])) /* whose own body may count for nothing */
            return false;
    }
    return false;
}

static bool is_object(const cJSON *config)
{
    struct cf_json_doc doc;
    const char *text = cJSON_IsString(config) ? config->valuestring : "";
    bool object = cf_json_parse(&doc, "user_config", text, strlen(text), 0, NULL) == CF_OK &&
                  cJSON_IsObject(doc.root);
    cf_json_release(&doc);
    return object;
}

bool cf_cvm_sent_plain_config(const struct cf_case_run *run)
{
    int field = cf_cvm_field_index("user_config");
    for (size_t i = run->record->exchange_count; i > 0; i--) {
        if (!has_changed(run, i - 1, field))
            continue;
        const struct cf_body *body = &run->record->exchanges[i - 1].request_body;
        const struct cf_json_text *text = cf_json_texts_read(run->texts, body->bytes, body->len);
        const cJSON *config = cf_json_get(text->root, "user_config");
        bool plain = config && !is_object(config);
        cf_json_text_release(text);
        return plain;
    }
    return false;
}

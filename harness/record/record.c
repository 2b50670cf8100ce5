#include "harness/record/record.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const verdict_names[] = {"not-applicable", "pass", "inconclusive", "fail",
                                            "error"};
static const char *const level_names[] = {"must", "should", "observe"};
static const char *const kind_names[] = {"http", "hook", "timeout"};

/* names[value], and for what has no name "unknown". */
static const char *name_of(const char *const *names, size_t count, size_t value)
{
    return value < count ? names[value] : "unknown";
}

/* The value that name has; count where it is none of names. */
static size_t value_of(const char *const *names, size_t count, const char *name)
{
    size_t value = 0;
    while (value < count && strcmp(name, names[value]) != 0)
        value++;
    return value;
}

const char *cf_verdict_name(enum cf_verdict verdict)
{
    return name_of(verdict_names, COUNT_OF(verdict_names), (size_t)verdict);
}

const char *cf_level_name(enum cf_level level)
{
    return name_of(level_names, COUNT_OF(level_names), (size_t)level);
}

const char *cf_exchange_kind_name(enum cf_exchange_kind kind)
{
    return name_of(kind_names, COUNT_OF(kind_names), (size_t)kind);
}

bool cf_verdict_parse(const char *name, enum cf_verdict *out_verdict)
{
    size_t value = value_of(verdict_names, COUNT_OF(verdict_names), name);
    if (value == COUNT_OF(verdict_names))
        return false;
    *out_verdict = (enum cf_verdict)value;
    return true;
}

bool cf_level_parse(const char *name, enum cf_level *out_level)
{
    size_t value = value_of(level_names, COUNT_OF(level_names), name);
    if (value == COUNT_OF(level_names))
        return false;
    *out_level = (enum cf_level)value;
    return true;
}

bool cf_exchange_kind_parse(const char *name, enum cf_exchange_kind *out_kind)
{
    size_t value = value_of(kind_names, COUNT_OF(kind_names), name);
    if (value == COUNT_OF(kind_names))
        return false;
    *out_kind = (enum cf_exchange_kind)value;
    return true;
}

bool cf_record_charged(const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->failure_count; i++) {
        if (record->failures[i].requirement)
            return true;
    }
    return false;
}

enum cf_verdict cf_record_verdict_of(const struct cf_case_record *record, const char *requirement)
{
    if (record->verdict != CF_FAIL || !cf_record_charged(record))
        return record->verdict;
    for (size_t i = 0; i < record->failure_count; i++) {
        const char *charged = record->failures[i].requirement;
        if (charged && strcmp(charged, requirement) == 0)
            return CF_FAIL;
    }
    return record->own_verdict;
}

const char *cf_record_reason(const struct cf_case_record *record)
{
    return record->reason && *record->reason != '\0' ? record->reason : "no reason given";
}

/* ---- headers ---- */

static void add(struct cf_headers *headers, const char *name, const char *value)
{
    headers->items = cf_realloc(headers->items, headers->count + 1, sizeof(*headers->items));
    headers->items[headers->count++] =
        (struct cf_header){.name = cf_strdup(name), .value = cf_strdup(value)};
}

void cf_headers_add(struct cf_headers *headers, const char *name, const char *value)
{
    if (!headers->holders || *headers->holders > 1) {
        struct cf_headers own = {.holders = cf_alloc(sizeof(*own.holders))};
        *own.holders = 1;
        for (size_t i = 0; i < headers->count; i++)
            add(&own, headers->items[i].name, headers->items[i].value);
        cf_headers_release(headers);
        *headers = own;
    }
    add(headers, name, value);
}

void cf_headers_share(struct cf_headers *to, const struct cf_headers *from)
{
    *to = *from;
    if (to->holders)
        ++*to->holders;
}

void cf_headers_release(struct cf_headers *headers)
{
    if (!headers)
        return;
    if (headers->holders && --*headers->holders == 0) {
        for (size_t i = 0; i < headers->count; i++) {
            free(headers->items[i].name);
            free(headers->items[i].value);
        }
        free(headers->items);
        free(headers->holders);
    }
    *headers = (struct cf_headers){0};
}

const char *cf_headers_get(const struct cf_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    }
    return NULL;
}

/* ---- lifetimes ---- */

static void release_body(struct cf_body *body)
{
    free(body->bytes);
    free(body->sha256);
}

void cf_exchange_release(struct cf_exchange *exchange)
{
    if (!exchange)
        return;
    free(exchange->purpose);
    free(exchange->method);
    free(exchange->url);
    free(exchange->hook);
    release_body(&exchange->request_body);
    release_body(&exchange->response_body);
    free(exchange->message);
    free(exchange->peer);
    free(exchange->authority);
    cf_headers_release(&exchange->request_headers);
    cf_headers_release(&exchange->response_headers);
    *exchange = (struct cf_exchange){0};
}

void cf_failure_release(struct cf_failure *failure)
{
    if (!failure)
        return;
    free(failure->file);
    free(failure->source);
    free(failure->requirement);
    free(failure->case_pointer);
    free(failure->pointer);
    free(failure->expected);
    free(failure->actual);
    free(failure->message);
    *failure = (struct cf_failure){0};
}

static void release_texts(struct cf_case_record *record)
{
    char *texts[] = {record->id,          record->suite,  record->title,     record->reason,
                     record->observation, record->cvm,    record->statement, record->file,
                     record->control,     record->shares, record->started_at};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    for (size_t i = 0; i < record->requirement_count; i++)
        free(record->requirements[i]);
    free(record->requirements);
    for (size_t i = 0; i < record->cvm_count; i++)
        free(record->cvms[i]);
    free(record->cvms);
    for (size_t i = 0; i < record->failed_on_count; i++)
        free(record->failed_on[i]);
    free(record->failed_on);
    for (size_t i = 0; i < record->form_count; i++)
        free(record->forms[i]);
    free(record->forms);
    free(record->met_form);
}

void cf_case_record_release(struct cf_case_record *record)
{
    if (!record)
        return;
    release_texts(record);
    for (size_t i = 0; i < record->failure_count; i++)
        cf_failure_release(&record->failures[i]);
    free(record->failures);
    for (size_t i = 0; i < record->exchange_count; i++)
        cf_exchange_release(&record->exchanges[i]);
    free(record->exchanges);
    *record = (struct cf_case_record){0};
}

void cf_case_record_add_cvm(struct cf_case_record *record, const char *id)
{
    record->cvms = cf_realloc(record->cvms, record->cvm_count + 1, sizeof(*record->cvms));
    record->cvms[record->cvm_count++] = cf_strdup(id);
}

struct cf_exchange *cf_case_record_add_exchange(struct cf_case_record *record)
{
    record->exchanges =
        cf_realloc(record->exchanges, record->exchange_count + 1, sizeof(*record->exchanges));
    struct cf_exchange *added = &record->exchanges[record->exchange_count++];
    *added = (struct cf_exchange){0};
    return added;
}

struct cf_failure *cf_case_record_add_failure(struct cf_case_record *record)
{
    record->failures =
        cf_realloc(record->failures, record->failure_count + 1, sizeof(*record->failures));
    struct cf_failure *added = &record->failures[record->failure_count++];
    *added = (struct cf_failure){0};
    return added;
}

/* ---- what a passed case hardly needs ---- */

enum { KEPT_MAX_BYTES = 128 };

static void leave_out(struct cf_body *body)
{
    char digest[CF_SHA256_HEX];
    if (!body->bytes || body->len <= KEPT_MAX_BYTES)
        return;
    cf_sha256_hex(body->bytes, body->len, digest);
    body->left_out = body->len;
    body->sha256 = cf_strdup(digest);
    free(body->bytes);
    body->bytes = NULL;
    body->len = 0;
}

void cf_case_record_leave_out_bodies(struct cf_case_record *record)
{
    for (size_t i = 0; i < record->exchange_count; i++) {
        struct cf_exchange *exchange = &record->exchanges[i];
        leave_out(&exchange->request_body);
        if (exchange->status < 201 || exchange->status > 299)
            leave_out(&exchange->response_body);
    }
}

void cf_case_record_leave_out_exchanges(struct cf_case_record *record)
{
    for (size_t i = 0; i < record->exchange_count; i++)
        cf_exchange_release(&record->exchanges[i]);
    record->exchange_count = 0;
}

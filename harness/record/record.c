#include "harness/record/record.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const verdict_names[] = {"not-applicable", "pass", "inconclusive", "fail",
                                            "error"};
static const char *const level_names[] = {"must", "should", "observe"};

const char *cf_verdict_name(enum cf_verdict verdict)
{
    size_t index = (size_t)verdict;
    return index < sizeof(verdict_names) / sizeof(verdict_names[0]) ? verdict_names[index]
                                                                    : "unknown";
}

const char *cf_level_name(enum cf_level level)
{
    size_t index = (size_t)level;
    return index < sizeof(level_names) / sizeof(level_names[0]) ? level_names[index] : "unknown";
}

bool cf_verdict_parse(const char *name, enum cf_verdict *out_verdict)
{
    for (size_t i = 0; i < sizeof(verdict_names) / sizeof(verdict_names[0]); i++) {
        if (strcmp(name, verdict_names[i]) == 0) {
            *out_verdict = (enum cf_verdict)i;
            return true;
        }
    }
    return false;
}

bool cf_level_parse(const char *name, enum cf_level *out_level)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out_level = (enum cf_level)i;
            return true;
        }
    }
    return false;
}

const char *cf_record_reason(const struct cf_case_record *record)
{
    return record->reason && *record->reason != '\0' ? record->reason : "no reason given";
}

/* ---- headers ---- */

enum cf_code cf_headers_add(struct cf_headers *headers, const char *name, const char *value)
{
    struct cf_header *items =
        realloc(headers->items, (headers->count + 1) * sizeof(*headers->items));
    if (!items)
        return CF_ENOMEM;
    headers->items = items;
    struct cf_header added = {.name = strdup(name), .value = strdup(value)};
    if (!added.name || !added.value) {
        free(added.name);
        free(added.value);
        return CF_ENOMEM;
    }
    items[headers->count++] = added;
    return CF_OK;
}

void cf_headers_release(struct cf_headers *headers)
{
    if (!headers)
        return;
    for (size_t i = 0; i < headers->count; i++) {
        free(headers->items[i].name);
        free(headers->items[i].value);
    }
    free(headers->items);
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

void cf_exchange_release(struct cf_exchange *exchange)
{
    if (!exchange)
        return;
    free(exchange->purpose);
    free(exchange->method);
    free(exchange->url);
    free(exchange->hook);
    free(exchange->request_body.bytes);
    free(exchange->response_body.bytes);
    free(exchange->message);
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
    free(failure->place);
    free(failure->pointer);
    free(failure->expected);
    free(failure->actual);
    free(failure->message);
    *failure = (struct cf_failure){0};
}

static void release_texts(struct cf_case_record *record)
{
    char *texts[] = {record->id,          record->suite,     record->title,     record->reason,
                     record->observation, record->cvm,       record->statement, record->file,
                     record->control,     record->started_at};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    for (size_t i = 0; i < record->requirement_count; i++)
        free(record->requirements[i]);
    free(record->requirements);
    for (size_t i = 0; i < record->cvm_count; i++)
        free(record->cvms[i]);
    free(record->cvms);
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

enum cf_code cf_case_record_add_cvm(struct cf_case_record *record, const char *id)
{
    char **cvms = realloc(record->cvms, (record->cvm_count + 1) * sizeof(*cvms));
    if (!cvms)
        return CF_ENOMEM;
    record->cvms = cvms;
    cvms[record->cvm_count] = strdup(id);
    if (!cvms[record->cvm_count])
        return CF_ENOMEM;
    record->cvm_count++;
    return CF_OK;
}

struct cf_exchange *cf_case_record_add_exchange(struct cf_case_record *record)
{
    struct cf_exchange *items =
        realloc(record->exchanges, (record->exchange_count + 1) * sizeof(*items));
    if (!items)
        return NULL;
    record->exchanges = items;
    struct cf_exchange *added = &items[record->exchange_count++];
    *added = (struct cf_exchange){0};
    return added;
}

struct cf_failure *cf_case_record_add_failure(struct cf_case_record *record)
{
    struct cf_failure *items =
        realloc(record->failures, (record->failure_count + 1) * sizeof(*items));
    if (!items)
        return NULL;
    record->failures = items;
    struct cf_failure *added = &items[record->failure_count++];
    *added = (struct cf_failure){0};
    return added;
}

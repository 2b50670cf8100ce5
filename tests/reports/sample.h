/*
 * Runs made up for tests: records as the runner would write them, as many as wanted.
 *
 * Header-only, so that unit tests and the generator share it without a library of its own.
 */
#ifndef CF_TESTS_REPORTS_SAMPLE_H
#define CF_TESTS_REPORTS_SAMPLE_H

#include "harness/base/file.h"
#include "harness/record/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sample_kind {
    SAMPLE_PASSING, /* every must passes; some not applicable */
    SAMPLE_MIXED,   /* every verdict */
    SAMPLE_HOSTILE  /* as mixed, and every text tries to break out */
};

#define SAMPLE_HOSTILE_TEXT                                                                        \
    "<&\"'>]]>--></script><!--\x01\x1b[31m\x7f\xff\xc3(\xe2\x80\xae"                               \
    "evil\n::error::x\n# not ok $(id) `id` | \\ ${HOME}"

static const char *const sample_suites[] = {"accepted", "partial",   "validation", "auth",
                                            "conflict", "two-phase", "prepare",    "script"};
enum { SAMPLE_SUITES = 8 };

static inline char *sample_copy(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

static inline char *sample_print(const char *fmt, ...) CF_PRINTF(1, 2);
static inline char *sample_print(const char *fmt, ...)
{
    struct cf_buf text;
    va_list args;
    cf_buf_init(&text, 1 << 26);
    va_start(args, fmt);
    cf_buf_vprintf(&text, fmt, args);
    va_end(args);
    return cf_buf_take(&text, NULL);
}

static inline void sample_body(struct cf_body *body, const char *text)
{
    body->bytes = sample_copy(text);
    body->len = strlen(text);
}

static inline void sample_header(struct cf_headers *headers, const char *name, const char *value)
{
    cf_headers_add(headers, name, value);
}

static inline struct cf_exchange *sample_http(struct cf_case_record *record, int step,
                                              const char *method, const char *path, int status)
{
    struct cf_exchange *exchange = cf_case_record_add_exchange(record);
    if (!exchange)
        abort();
    exchange->step = step;
    exchange->purpose = sample_print("%s %s", method, path);
    exchange->method = sample_copy(method);
    exchange->url = sample_print("http://127.0.0.1:8080/api/v1/cvms/%s", path);
    exchange->status = status;
    exchange->duration_ms = 1.5 + (double)(strlen(path) % 7);
    sample_header(&exchange->request_headers, "X-API-Key", "$ACME_API_KEY");
    sample_header(&exchange->response_headers, "Content-Type", "application/json");
    return exchange;
}

static inline void sample_observe(struct cf_case_record *record, int step, const char *cvm)
{
    struct cf_exchange *exchange = sample_http(record, step, "GET", cvm, 200);
    free(exchange->purpose);
    exchange->purpose = sample_copy("observe before");
    exchange->at_ms = 0.2;
    sample_body(&exchange->response_body,
                "{\"id\":\"cvm-1\",\"name\":\"one\",\"resource\":{\"vcpu\":2,\"memory_in_gb\":4,"
                "\"disk_in_gb\":20},\"status\":\"running\",\"in_progress\":false,"
                "\"public_logs\":true,\"public_sysinfo\":true}");
}

static inline void sample_patch(struct cf_case_record *record, const char *cvm, bool refused)
{
    struct cf_exchange *exchange = sample_http(record, 1, "PATCH", cvm, refused ? 422 : 202);
    exchange->at_ms = 4.25;
    sample_header(&exchange->request_headers, "Content-Type", "application/json");
    sample_body(&exchange->request_body, "{\"vcpu\":[4],\"user_config\":\"it's\"}");
    sample_body(&exchange->response_body,
                refused ? "{\"detail\":[{\"loc\":[\"body\",\"memory\"],\"msg\":\"value is not a "
                          "valid integer\",\"type\":\"type_error.integer\"}]}"
                        : "{\"status\":\"in_progress\",\"message\":\"updating\","
                          "\"correlation_id\":\"0f7c\"}");
}

/* What follows a 202: polls until the operation ends. Times differ from case to case. */
static inline void sample_settle(struct cf_case_record *record, const char *cvm, size_t number)
{
    double at_ms = 24.5;
    for (size_t poll = 0; poll <= number % 3; poll++) {
        char *path = sample_print("%s/operations", cvm);
        struct cf_exchange *exchange = sample_http(record, 2, "GET", path, 200);
        free(path);
        free(exchange->purpose);
        exchange->purpose = sample_copy("look for the operation");
        exchange->at_ms = at_ms;
        exchange->duration_ms = 0.6 + (double)(number * 37 % 101) / 9.0;
        at_ms += 25.0 + (double)(number * 53 % 97);
        sample_body(&exchange->response_body,
                    poll == number % 3
                        ? "{\"items\":[{\"correlation_id\":\"0f7c\",\"status\":\"completed\"}]}"
                        : "{\"items\":[{\"correlation_id\":\"0f7c\",\"status\":\"in_progress\"}]}");
    }
}

static inline void sample_failure(struct cf_case_record *record, int line, const char *pointer,
                                  const char *expected, const char *actual, const char *message)
{
    struct cf_failure *failure = cf_case_record_add_failure(record);
    if (!failure)
        abort();
    failure->step = 1;
    failure->file = sample_print("cases/%s/wrong-type.json", record->suite);
    failure->line = line;
    failure->source = sample_copy("\"expect\": {\"status\": 422, \"names\": \"vcpu\"}");
    failure->pointer = pointer ? sample_copy(pointer) : NULL;
    failure->expected = sample_copy(expected);
    failure->actual = sample_copy(actual);
    failure->message = sample_copy(message);
}

static inline void sample_requirement(struct cf_case_record *record, const char *id)
{
    char **items = realloc(record->requirements,
                           (record->requirement_count + 1) * sizeof(*record->requirements));
    if (!items)
        abort();
    record->requirements = items;
    items[record->requirement_count++] = sample_copy(id);
}

static inline enum cf_verdict sample_verdict(enum sample_kind kind, size_t number)
{
    if (number % 23 == 5)
        return CF_NOT_APPLICABLE;
    if (kind == SAMPLE_PASSING)
        return CF_PASS;
    if (number % 17 == 3)
        return CF_FAIL;
    if (number % 29 == 7)
        return CF_INCONCLUSIVE;
    return number % 61 == 11 ? CF_ERROR : CF_PASS;
}

static inline void sample_outcome(struct cf_case_record *record, size_t number)
{
    static const char *const missing[] = {"no second legal value for \"image\" in the profile",
                                          "memory cannot be observed"};
    switch (record->verdict) {
    case CF_NOT_APPLICABLE:
        record->reason =
            sample_copy(number % 2 ? "pics.gpu_rental=false" : "pics.prepare_only=false");
        break;
    case CF_INCONCLUSIVE:
        record->reason = sample_copy(missing[number % 2]);
        break;
    case CF_ERROR:
        record->reason = sample_copy("hook register-compose-hash: exit status 3");
        break;
    case CF_FAIL:
        record->reason = sample_copy("status: expected integer 422, got integer 202");
        sample_failure(record, 41, NULL, "integer 422", "integer 202", "the status is another");
        sample_failure(record, 42, "/detail/0/loc/1", "string \"vcpu\"", "string \"memory\"",
                       "no row names the field");
        break;
    case CF_PASS:
        break;
    }
}

static inline void sample_make_hostile(struct cf_case_record *record)
{
    char **texts[] = {&record->title, &record->reason, &record->statement, &record->cvm};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *old = *texts[i];
        *texts[i] = sample_print("%s %s", old ? old : "", SAMPLE_HOSTILE_TEXT);
        free(old);
    }
    for (size_t i = 0; i < record->failure_count; i++) {
        free(record->failures[i].actual);
        record->failures[i].actual = sample_copy("string \"" SAMPLE_HOSTILE_TEXT "\"");
    }
    for (size_t i = 0; i < record->exchange_count; i++) {
        struct cf_exchange *exchange = &record->exchanges[i];
        sample_header(&exchange->response_headers, "X-Evil", SAMPLE_HOSTILE_TEXT);
        sample_header(&exchange->response_headers, "Set-Cookie", "a=1");
        sample_header(&exchange->response_headers, "Set-Cookie", "b=2");
        free(exchange->response_body.bytes);
        sample_body(
            &exchange->response_body,
            "{\"detail\":[{\"loc\":[\"body\",\"</script><img src=x onerror=alert(1)>\"]}]}");
    }
}

/* The record of case number, as a run of that kind would leave it. Release it. */
static inline void sample_record(struct cf_case_record *record, enum sample_kind kind,
                                 size_t number)
{
    static const char *const cvms[] = {"cvm-1", "cvm-2", "cvm-3"};
    *record = (struct cf_case_record){.attempt = 1, .line = 12};
    /* Cases of a suite stand together, as a plan has them. */
    const char *suite = sample_suites[number / 40 % SAMPLE_SUITES];
    record->suite = sample_copy(suite);
    record->id = sample_print("%s.wrong-type-%zu[vcpu=array]", suite, number);
    record->title = sample_print("An array where an integer belongs, variant %zu", number);
    record->level = number % 5 == 4 ? CF_SHOULD : number % 11 == 10 ? CF_OBSERVE : CF_MUST;
    char *requirement = sample_print("%s.%s-%zu", suite, cf_level_name(record->level), number % 7);
    sample_requirement(record, requirement);
    free(requirement);
    record->statement = sample_copy("A value of the wrong JSON type is refused with 422.");
    record->file = sample_print("cases/%s/wrong-type.json", suite);
    record->started_at = sample_copy("2026-01-21T09:30:00.123Z");
    record->duration_ms = 12.345 + (double)(number % 50);
    record->verdict = sample_verdict(kind, number);
    if (record->verdict != CF_NOT_APPLICABLE) {
        record->cvm = sample_copy(cvms[number % 3]);
        sample_observe(record, 0, record->cvm);
        sample_patch(record, record->cvm, number % 2 == 0);
        record->exchanges[1].duration_ms = 1.2 + (double)(number * 71 % 211) / 13.0;
        if (number % 4 == 1)
            sample_settle(record, record->cvm, number);
    }
    if (record->level == CF_OBSERVE && record->verdict == CF_PASS)
        record->observation = sample_copy("{\"status\": 202, \"coerced\": true}");
    sample_outcome(record, number);
    if (kind == SAMPLE_HOSTILE)
        sample_make_hostile(record);
}

/* Write count cases, a line each. */
static inline void sample_write_lines(const char *path, enum sample_kind kind, size_t count)
{
    FILE *file = fopen(path, "we");
    struct cf_buf line;
    cf_buf_init(&line, 1 << 26);
    if (!file)
        abort();
    for (size_t i = 0; i < count; i++) {
        struct cf_case_record record;
        sample_record(&record, kind, i);
        cf_buf_reset(&line);
        cf_case_record_write(&line, &record);
        cf_buf_putc(&line, '\n');
        cf_case_record_release(&record);
        if (line.code != CF_OK || fwrite(line.data, 1, line.len, file) != line.len)
            abort();
    }
    cf_buf_release(&line);
    if (fclose(file) != 0)
        abort();
}

/* The head that a run of these cases has. Release it. */
static inline void sample_info(struct cf_run_info *info)
{
    *info = (struct cf_run_info){
        .seed = 42, .complete = true, .shard_index = 1, .shard_count = 1, .repeat = 1};
    info->suite_name = sample_copy("cvm-conformance");
    info->suite_version = sample_copy("0.1.0");
    info->catalogue_sha256 = sample_copy("c0ffee");
    info->iut = sample_copy("{\"name\":\"Acme Cloud\",\"version\":\"2.4.1\","
                            "\"base_url\":\"http://127.0.0.1:8080\"}");
    info->pics = sample_copy("{\"contract_owned_kms\":true,\"prepare_only\":true,"
                             "\"gpu_rental\":false}");
    info->started_at = sample_copy("2026-01-21T09:30:00.000Z");
    info->finished_at = sample_copy("2026-01-21T09:31:00.000Z");
    info->selection = sample_copy("");
    info->profile_sha256 = sample_copy("beef");
    info->plan_sha256 = sample_copy("feed");
}

#endif

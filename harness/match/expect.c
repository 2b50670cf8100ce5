#include "harness/match/expect.h"
#include "harness/match/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- form ---- */

enum cf_code cf_expect_check_status(const struct cf_json_doc *doc, const cJSON *wanted,
                                    const char *path, struct cf_err *err)
{
    if (cJSON_IsArray(wanted) && wanted->child) {
        enum cf_code code = CF_OK;
        for (const cJSON *one = wanted->child; code == CF_OK && one; one = one->next)
            code = cJSON_IsArray(one) ? cf_json_fault(doc, one, err, "%s: nested array", path)
                                      : cf_expect_check_status(doc, one, path, err);
        return code;
    }
    if (cf_json_is_integer(wanted) && wanted->valuedouble >= 100 && wanted->valuedouble <= 599)
        return CF_OK;
    if (cJSON_IsString(wanted) && strlen(wanted->valuestring) == 3 &&
        strchr("12345", wanted->valuestring[0]) && strcmp(wanted->valuestring + 1, "xx") == 0)
        return CF_OK;
    return cf_json_fault(doc, wanted, err,
                         "%s: expected an integer from 100 to 599, a class such as \"4xx\", or an "
                         "array of these, got %s",
                         path, cf_json_type(wanted));
}

/* "got object" would be no answer to "expected an object". */
static const char *type_or_empty(const cJSON *node)
{
    return cJSON_IsObject(node) && !node->child ? "an empty one" : cf_json_type(node);
}

static enum cf_code check_matchers(const struct cf_json_doc *doc, const cJSON *wanted,
                                   const char *path, bool pointers, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (!cJSON_IsObject(wanted) || !wanted->child)
        return cf_json_fault(doc, wanted, err, "%s: expected an object of matchers, got %s", path,
                             type_or_empty(wanted));
    for (const cJSON *m = wanted->child; code == CF_OK && m; m = m->next) {
        char inner[512];
        if (pointers && m->string[0] != '\0' && m->string[0] != '/')
            return cf_json_fault(doc, m, err, "%s: \"%s\" is not a JSON pointer", path, m->string);
        cf_json_place_of_member(inner, sizeof(inner), path, m->string);
        code = cf_matcher_check(doc, m, inner, err);
    }
    return code;
}

static const struct cf_expect_word *find_word(const struct cf_expect_word *const *words,
                                              const char *name)
{
    for (; words && *words; words++) {
        if (strcmp((*words)->name, name) == 0)
            return *words;
    }
    return NULL;
}

enum cf_code cf_expect_check(const struct cf_json_doc *doc, const cJSON *expect, const char *path,
                             const struct cf_expect_word *const *words, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (!cJSON_IsObject(expect) || !expect->child)
        return cf_json_fault(doc, expect, err, "%s: expected an object of expectations, got %s",
                             path, type_or_empty(expect));
    for (const cJSON *m = expect->child; code == CF_OK && m; m = m->next) {
        char inner[512];
        cf_json_place_of_member(inner, sizeof(inner), path, m->string);
        const struct cf_expect_word *word = find_word(words, m->string);
        if (strcmp(m->string, "status") == 0)
            code = cf_expect_check_status(doc, m, inner, err);
        else if (strcmp(m->string, "headers") == 0 || strcmp(m->string, "json") == 0)
            code = check_matchers(doc, m, inner, m->string[0] == 'j', err);
        else if (word)
            code = word->check(doc, m, inner, err);
        else
            code = cf_json_fault(doc, m, err, "%s: unknown expectation \"%s\"", path, m->string);
    }
    return code;
}

/* ---- judging ---- */

bool cf_expect_status_within(const cJSON *wanted, int first, int last)
{
    if (cJSON_IsArray(wanted)) {
        const cJSON *one;
        cJSON_ArrayForEach(one, wanted)
        {
            if (cf_expect_status_within(one, first, last))
                return true;
        }
        return false;
    }
    if (cJSON_IsString(wanted)) {
        int class = wanted->valuestring[0] - '0';
        return first / 100 <= class && class <= last / 100;
    }
    long status = lround(wanted->valuedouble);
    return first <= status && status <= last;
}

bool cf_expect_status(const cJSON *wanted, int status)
{
    return cf_expect_status_within(wanted, status, status);
}

bool cf_answer_says_json(const struct cf_answer *answer)
{
    return cf_exchange_says_json(answer->exchange);
}

bool cf_exchange_says_json(const struct cf_exchange *exchange)
{
    const char *type = cf_headers_get(&exchange->response_headers, "content-type");
    if (!type)
        return false;
    size_t len = strcspn(type, "; \t");
    return (len == 16 && strncasecmp(type, "application/json", len) == 0) ||
           (len > 5 && strncasecmp(type + len - 5, "+json", 5) == 0);
}

bool cf_exchange_says_html(const struct cf_exchange *exchange)
{
    const char *type = cf_headers_get(&exchange->response_headers, "content-type");
    return type && strncasecmp(type, "text/html", 9) == 0;
}

static void describe_status(struct cf_buf *out, const cJSON *wanted)
{
    if (!cJSON_IsArray(wanted)) {
        cf_buf_puts(out, "status ");
        cf_buf_puts(out, wanted->valuestring ? wanted->valuestring : "?");
        return;
    }
    cf_buf_puts(out, "status ");
    for (const cJSON *one = wanted->child; one; one = one->next)
        cf_buf_printf(out, "%s%s", one == wanted->child ? "" : " or ",
                      one->valuestring ? one->valuestring : "?");
}

static bool judge_status(const cJSON *wanted, const struct cf_answer *answer,
                         const struct cf_match_sink *sink)
{
    char actual[64];
    struct cf_buf expected = {0};
    int status = answer->exchange->status;
    if (cf_expect_status(wanted, status))
        return true;
    describe_status(&expected, wanted);
    snprintf(actual, sizeof(actual), "status %d", status);
    struct cf_mismatch mismatch = {sink->origin, NULL, cf_buf_text(&expected), actual,
                                   "the status code is another one"};
    sink->add(sink->context, &mismatch);
    cf_buf_release(&expected);
    return false;
}

static bool judge_header(const cJSON *matcher, const struct cf_answer *answer,
                         const struct cf_match_sink *sink)
{
    const char *text = cf_headers_get(&answer->exchange->response_headers, matcher->string);
    struct cf_buf expected = {0};
    struct cf_buf actual = {0};
    cJSON *value = text ? cJSON_CreateString(text) : NULL;
    struct cf_match_sink silent = {.origin = sink->origin};
    bool good = cf_match(matcher, value, "", &silent);
    if (!good) {
        cf_buf_printf(&expected, "header %s: ", matcher->string);
        cf_describe_matcher(&expected, matcher);
        cf_buf_printf(&actual, "header %s: ", matcher->string);
        cf_describe(&actual, value);
        struct cf_mismatch mismatch = {sink->origin, NULL, cf_buf_text(&expected),
                                       cf_buf_text(&actual), "the header is not as expected"};
        sink->add(sink->context, &mismatch);
        cf_buf_release(&expected);
        cf_buf_release(&actual);
    }
    cJSON_Delete(value);
    return good;
}

/* A body that is to be looked into must be JSON and say so. */
static bool judge_is_json(const struct cf_answer *answer, const struct cf_match_sink *sink)
{
    const char *type = cf_headers_get(&answer->exchange->response_headers, "content-type");
    char actual[400];
    struct cf_mismatch mismatch = {sink->origin, "", "a JSON body, Content-Type application/json",
                                   actual, "the body is not JSON"};
    if (!answer->json) {
        snprintf(actual, sizeof(actual), "%.300s",
                 answer->json_error ? answer->json_error : "no body");
    } else if (!cf_answer_says_json(answer)) {
        snprintf(actual, sizeof(actual), "Content-Type %.300s", type ? type : "absent");
        mismatch.message = "the body is not labelled as JSON";
    } else {
        return true;
    }
    sink->add(sink->context, &mismatch);
    return false;
}

/* The member of origin (as written) that stands where index is in the filled-in object. */
static const cJSON *same_member(const cJSON *origin, int index)
{
    const cJSON *member = origin ? origin->child : NULL;
    while (member && index-- > 0)
        member = member->next;
    return member ? member : origin;
}

static bool judge_map(const cJSON *map, const cJSON *origin, const struct cf_answer *answer,
                      const struct cf_match_sink *base)
{
    int index = 0;
    bool good = true;
    bool json = map->string[0] == 'j';
    struct cf_match_sink sink = *base;
    sink.origin = origin;
    if (json && !judge_is_json(answer, &sink))
        return false;
    for (const cJSON *m = map->child; m; m = m->next, index++) {
        sink.origin = same_member(origin, index);
        good = (json ? cf_match_at(m, answer->json, m->string, &sink)
                     : judge_header(m, answer, &sink)) &&
               good;
    }
    return good;
}

bool cf_expect_judge(const cJSON *expect, const cJSON *origin, const struct cf_answer *answer,
                     const struct cf_expect_word *const *words, cf_mismatch_fn *add, void *context)
{
    bool good = true;
    const cJSON *status = cf_json_get(expect, "status");
    struct cf_match_sink sink = {add, context, cf_json_get(origin, "status")};
    if (status && !judge_status(status, answer, &sink))
        return false;
    int index = 0;
    for (const cJSON *m = expect->child; m; m = m->next, index++) {
        const struct cf_expect_word *word = find_word(words, m->string);
        sink.origin = same_member(origin, index);
        if (m == status)
            continue;
        good = (word ? word->judge(m, answer, &sink) : judge_map(m, sink.origin, answer, &sink)) &&
               good;
    }
    return good;
}

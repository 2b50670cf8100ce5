/*
 * Judging a 422 body: HTTPValidationError of the contract pages, rows of {loc, msg, type}.
 *
 *   {"detail": {}}                     the shape alone, as application/json
 *   {"detail": {"names": [P, ...]}}    some row's loc leads to each path P
 *   {"detail": {"loc": [P, ...]}}      some row's loc is ["body", ...P], branch tags allowed
 *
 * A path is an array of member names and indices. A framework may put tags of the union branch it
 * tried anywhere after the field, so a loc matches when the path is contained in it in order,
 * starting at the right place; rows may hold further members.
 */
#include "harness/case/shape.h"
#include "harness/match/describe.h"
#include "suites/fields.h"
#include "suites/words.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char media_type[] = "application/json";

static enum cf_code check(const struct cf_json_doc *doc, const cJSON *wanted, const char *path,
                          struct cf_err *err)
{
    const char *const known[] = {"names", "loc", NULL};
    enum cf_code code = cf_shape_object(doc, wanted, path, NULL, known, err);
    for (const cJSON *list = code == CF_OK ? wanted->child : NULL; code == CF_OK && list;
         list = list->next) {
        if (cJSON_IsString(list))
            continue; /* a reference to a row's list */
        code = cf_shape_type(doc, list, path, "array", err);
        for (const cJSON *p = code == CF_OK ? list->child : NULL; code == CF_OK && p; p = p->next) {
            if (!cJSON_IsString(p))
                code = cf_shape_type(doc, p, path, "array", err);
        }
    }
    return code;
}

static void tell(const struct cf_match_sink *sink, const char *pointer, const char *expected,
                 const cJSON *actual, const char *message)
{
    struct cf_buf text = {0};
    cf_describe(&text, actual);
    struct cf_mismatch mismatch = {sink->origin, pointer, expected, cf_buf_text(&text), message};
    sink->add(sink->context, &mismatch);
    cf_buf_release(&text);
}

/* ---- shape ---- */

static bool is_location(const cJSON *loc)
{
    const cJSON *part;
    if (!cJSON_IsArray(loc))
        return false;
    cJSON_ArrayForEach(part, loc)
    {
        if (!cJSON_IsString(part) && !cf_json_is_integer(part))
            return false;
    }
    return true;
}

static bool judge_row(const cJSON *row, int index, const struct cf_match_sink *sink)
{
    static const struct {
        const char *member;
        const char *expected;
    } wanted[] = {
        {"loc", "an array of strings and integers"}, {"msg", "a string"}, {"type", "a string"}};
    bool good = true;
    for (size_t i = 0; i < 3; i++) {
        const cJSON *value = cf_json_get(row, wanted[i].member);
        char pointer[64];
        if (i == 0 ? is_location(value) : cJSON_IsString(value))
            continue;
        snprintf(pointer, sizeof(pointer), "/detail/%d/%s", index, wanted[i].member);
        tell(sink, pointer, wanted[i].expected, value, "a row of detail has another shape");
        good = false;
    }
    return good;
}

/* The page has one media type; where only the rows are in question, any name for JSON will do. */
static bool is_labelled(const struct cf_answer *answer, bool strict)
{
    const char *type = cf_headers_get(&answer->exchange->response_headers, "content-type");
    bool plain = type && strcspn(type, "; \t") == strlen(media_type) &&
                 strncasecmp(type, media_type, strlen(media_type)) == 0;
    return strict ? plain : cf_answer_says_json(answer);
}

static bool judge_shape(const struct cf_answer *answer, bool strict,
                        const struct cf_match_sink *sink)
{
    const cJSON *detail = cf_json_get(answer->json, "detail");
    bool labelled = is_labelled(answer, strict);
    if (!answer->json || !labelled) {
        const char *type = cf_headers_get(&answer->exchange->response_headers, "content-type");
        cJSON *shown = cJSON_CreateString(labelled ? answer->json_error
                                          : type   ? type
                                                   : "no Content-Type");
        tell(sink, "", "a JSON body labelled application/json", shown, "no validation error body");
        cJSON_Delete(shown);
        return false;
    }
    if (!cJSON_IsArray(detail) || !detail->child) {
        tell(sink, "/detail", "an array with at least one row", detail,
             "detail does not list what is wrong");
        return false;
    }
    bool good = true;
    int index = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, detail) good = judge_row(row, index++, sink) && good;
    return good;
}

/* ---- places ---- */

static bool same_part(const cJSON *loc, const cJSON *wanted)
{
    return cf_json_equal(loc, wanted);
}

enum { PLACES_BEFORE_MAX = 2 };

/* Whether a first part of loc means something else than the body. */
static bool leads_elsewhere(const char *part)
{
    static const char *const others[] = {"query", "path", "header", "headers", "cookie", "cookies"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(part, others[i]) == 0)
            return true;
    }
    return cf_cvm_field_index(part) >= 0; /* below another field */
}

/* The first part of loc after what tells which part of the request is meant: "body", as the
 * framework of the contract's own server says, or another word or two. */
static const cJSON *skip_place(const cJSON *at, const cJSON *want)
{
    for (int i = 0; i < PLACES_BEFORE_MAX && cJSON_IsString(at) && !same_part(at, want) &&
                    !leads_elsewhere(at->valuestring);
         i++)
        at = at->next;
    return at;
}

/* Whether loc leads to path: with "body" before it where strict, else with any word or none. */
static bool leads_to(const cJSON *loc, const cJSON *path, bool strict)
{
    const cJSON *at = loc ? loc->child : NULL;
    const cJSON *want = path->child;
    bool body = cJSON_IsString(at) && strcmp(at->valuestring, "body") == 0;
    if (strict && !body)
        return false;
    if (strict)
        at = at->next;
    else if (want)
        at = skip_place(at, want);
    /* The field itself comes first; tags may stand only after it. */
    if (want && (!at || !same_part(at, want)))
        return false;
    for (; want && at; at = at->next) {
        if (same_part(at, want))
            want = want->next;
        else if (!cJSON_IsString(at))
            return false; /* a tag is a string; another index is another place */
    }
    return want == NULL;
}

static bool judge_paths(const cJSON *paths, const struct cf_answer *answer, bool strict,
                        const struct cf_match_sink *sink)
{
    bool good = true;
    const cJSON *detail = cf_json_get(answer->json, "detail");
    const cJSON *path;
    cJSON_ArrayForEach(path, paths)
    {
        bool found = false;
        const cJSON *row;
        struct cf_buf expected = {0};
        cJSON_ArrayForEach(row, detail) found =
            found || leads_to(cf_json_get(row, "loc"), path, strict);
        if (found)
            continue;
        good = false;
        cf_buf_puts(&expected,
                    strict ? "a row whose loc is \"body\" and " : "a row whose loc names ");
        cf_json_print(&expected, path);
        tell(sink, "/detail", cf_buf_text(&expected), detail,
             "no row of detail names the offending place");
        cf_buf_release(&expected);
    }
    return good;
}

static bool judge(const cJSON *wanted, const struct cf_answer *answer,
                  const struct cf_match_sink *sink)
{
    const cJSON *names = cf_json_get(wanted, "names");
    const cJSON *loc = cf_json_get(wanted, "loc");
    if (!judge_shape(answer, !names && !loc, sink))
        return false;
    bool good = !names || judge_paths(names, answer, false, sink);
    return (!loc || judge_paths(loc, answer, true, sink)) && good;
}

const struct cf_expect_word cf_cvm_word_detail = {"detail", check, judge};

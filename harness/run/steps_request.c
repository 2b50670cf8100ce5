/* {"request": ENDPOINT, ...}: send, judge, capture. */
#include "harness/case/shape.h"
#include "harness/run/steps.h"

#include <stdio.h>
#include <string.h>

/* ---- form ---- */

static bool is_locator(const struct cf_engine *engine, const char *where)
{
    const struct cf_locator *locator = engine->locators;
    if (where[0] != '@')
        return false;
    while (locator->name && strcmp(locator->name, where + 1) != 0)
        locator++;
    return locator->name != NULL;
}

static enum cf_code check_capture(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                  const cJSON *capture, const char *path, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, capture, path, "object", err);
    if (code != CF_OK)
        return code;
    for (const cJSON *c = capture->child; c; c = c->next) {
        code = cf_shape_type(doc, c, path, "string", err);
        if (code != CF_OK)
            return code;
        const char *where = c->valuestring;
        if (where[0] != '/' && where[0] != '\0' && !is_locator(engine, where))
            return cf_json_fault(doc, c, err, "%s: \"%s\" is neither a JSON pointer nor a locator",
                                 path, where);
    }
    return CF_OK;
}

static enum cf_code check_multipart(const struct cf_json_doc *doc, const cJSON *multipart,
                                    const char *path, struct cf_err *err)
{
    const char *const required[] = {"parts", NULL};
    const char *const part_members[] = {"name", "filename", "type", "content", "hex", NULL};
    enum cf_code code = cf_shape_object(doc, multipart, path, required, NULL, err);
    if (code != CF_OK)
        return code;
    const cJSON *parts = cf_json_get(multipart, "parts");
    code = cf_shape_type(doc, parts, path, "array", err);
    if (code != CF_OK)
        return code;
    for (const cJSON *p = parts->child; code == CF_OK && p; p = p->next)
        code = cf_shape_object(doc, p, path, NULL, part_members, err);
    return code;
}

static enum cf_code check_body(const struct cf_json_doc *doc, const cJSON *step, const char *path,
                               struct cf_err *err)
{
    static const char *const kinds[] = {"json", "text", "hex", "multipart"};
    int count = 0;
    for (size_t i = 0; i < 4; i++)
        count += cf_json_get(step, kinds[i]) != NULL;
    if (count > 1)
        return cf_json_fault(doc, step, err, "%s: more than one of json, text, hex, multipart",
                             path);
    const cJSON *multipart = cf_json_get(step, "multipart");
    return multipart ? check_multipart(doc, multipart, path, err) : CF_OK;
}

static bool is_reference(const cJSON *text)
{
    return cJSON_IsString(text) && strstr(text->valuestring, "${");
}

static enum cf_code check_texts(const struct cf_json_doc *doc, const cJSON *step, const char *path,
                                struct cf_err *err)
{
    static const char *const names[] = {"to", "to_id", "method", "path"};
    static const char *const auths[] = {
        "default",      "none",      "empty",      "wrong",        "bearer",
        "truncated",    "extended",  "other-case", "swapped-case", "swapped-letters",
        "blank-inside", "other-end", NULL};
    for (size_t i = 0; i < 4; i++) {
        const cJSON *text = cf_json_get(step, names[i]);
        enum cf_code code = text ? cf_shape_type(doc, text, path, "string", err) : CF_OK;
        if (code != CF_OK)
            return code;
    }
    const cJSON *unless = cf_json_get(step, "unless_refused");
    enum cf_code code = unless ? cf_shape_type(doc, unless, path, "boolean", err) : CF_OK;
    if (code != CF_OK)
        return code;
    const cJSON *refusals = cf_json_get(step, "may_refuse");
    code = refusals && !is_reference(refusals) ? cf_shape_type(doc, refusals, path, "array", err)
                                               : CF_OK;
    if (code == CF_OK && refusals && cJSON_IsArray(refusals) && refusals->child)
        code = cf_expect_check_status(doc, refusals, path, err);
    if (code != CF_OK)
        return code;
    const cJSON *auth = cf_json_get(step, "auth");
    return auth && !is_reference(auth) ? cf_shape_choice(doc, auth, path, auths, err) : CF_OK;
}

static enum cf_code check_endpoint(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                   const cJSON *endpoint, const char *path, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, endpoint, path, "string", err);
    if (code != CF_OK || is_reference(endpoint) ||
        cf_engine_endpoint(engine, endpoint->valuestring))
        return code;
    return cf_json_fault(doc, endpoint, err, "%s/request: no endpoint is called \"%s\"", path,
                         endpoint->valuestring);
}

static enum cf_code check(const struct cf_engine *engine, const struct cf_json_doc *doc,
                          const cJSON *step, const char *path, struct cf_err *err)
{
    const cJSON *expect = cf_json_get(step, "expect");
    const cJSON *capture = cf_json_get(step, "capture");
    char where[200];
    enum cf_code code = check_endpoint(engine, doc, cf_json_get(step, "request"), path, err);
    code = code == CF_OK ? check_texts(doc, step, path, err) : code;
    code = code == CF_OK ? check_body(doc, step, path, err) : code;
    if (code == CF_OK && expect) {
        cf_json_place_of_member(where, sizeof(where), path, "expect");
        code = cf_expect_check(doc, expect, where, engine->expect_words, err);
    }
    if (code == CF_OK && capture) {
        cf_json_place_of_member(where, sizeof(where), path, "capture");
        code = check_capture(engine, doc, capture, where, err);
    }
    return code;
}

/* ---- running ---- */

static void add_mismatch(void *context, const struct cf_mismatch *mismatch)
{
    cf_run_fail(context, mismatch);
}

/* How many expectations are judged: with a wrong status, the others are not. */
static int count_judged(const cJSON *expect, int status)
{
    int count = 0;
    const cJSON *wanted = cf_json_get(expect, "status");
    if (wanted && !cf_expect_status(wanted, status))
        return 1;
    for (const cJSON *m = expect->child; m; m = m->next) {
        bool map = strcmp(m->string, "json") == 0 || strcmp(m->string, "headers") == 0;
        count += map ? cJSON_GetArraySize(m) : 1;
    }
    return count;
}

/* An update that is accepted is answered with JSON, and so is what a body is expected of. */
static bool has_to_be_json(const cJSON *expect, const struct cf_exchange *answer)
{
    bool update = strcmp(answer->method, "GET") != 0;
    return update && (answer->status / 100 == 2 || cf_json_get(expect, "json"));
}

/* Whether anything but status and headers is looked at. */
static bool looks_inside(const cJSON *expect)
{
    for (const cJSON *m = expect->child; m; m = m->next) {
        if (strcmp(m->string, "status") != 0 && strcmp(m->string, "headers") != 0)
            return true;
    }
    return false;
}

/* Whether another try may bring an answer of the IUT's own. */
static bool put_off(struct cf_case_run *run, const cJSON *expect, bool right)
{
    const struct cf_exchange *answer = run->last.exchange;
    if (!right)
        return cf_run_put_off(run, answer, "the request");
    return has_to_be_json(expect, answer) && cf_run_put_off_unreadable(run, "the request");
}

static void judge(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *written = cf_json_get(step, "expect");
    cJSON *expect = written ? cf_run_expand(run, written) : NULL;
    if (!expect)
        return;
    const struct cf_exchange *answer = run->last.exchange;
    const cJSON *status = cf_json_get(expect, "status");
    bool right = !status || cf_expect_status(status, answer->status);
    run->record->checks += count_judged(expect, answer->status);
    if (right && cf_run_coding(answer) && looks_inside(expect))
        cf_run_inconclusive(run,
                            "the body of %s %s is coded as \"%.40s\" although identity was asked "
                            "for: it cannot be judged",
                            answer->method, answer->url, cf_run_coding(answer));
    else if (!put_off(run, expect, right))
        cf_expect_judge(expect, written, &run->last, run->engine->expect_words, add_mismatch, run);
    cJSON_Delete(expect);
}

/* A value that the contract allows may be against a rule of the server's own: then the case has
 * nothing to ask, but that nothing changed, which every case asks. */
static bool may_refuse(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *written = cf_json_get(step, "may_refuse");
    cJSON *statuses = written && !run->over ? cf_run_expand(run, written) : NULL;
    const struct cf_exchange *answer = run->last.exchange;
    bool refused = statuses && cf_expect_status(statuses, answer->status);
    if (refused)
        cf_run_not_applicable(run,
                              "the value is against a rule of the server's own: %s is answered "
                              "%d",
                              answer->method, answer->status);
    cJSON_Delete(statuses);
    return refused;
}

static cJSON *located(struct cf_case_run *run, const char *where)
{
    if (where[0] != '@') {
        const cJSON *value = cf_json_at(run->last.json, where);
        return value ? cJSON_Duplicate(value, 1) : NULL;
    }
    for (const struct cf_locator *l = run->engine->locators; l->name; l++) {
        if (strcmp(l->name, where + 1) == 0)
            return l->locate(&run->last);
    }
    return NULL;
}

static void capture(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *wanted = cf_json_get(step, "capture");
    for (const cJSON *c = wanted ? wanted->child : NULL; c && !run->over; c = c->next) {
        char expected[300];
        cJSON *value = located(run, c->valuestring);
        run->record->checks++;
        if (value) {
            cf_run_set(run, c->string, value);
            continue;
        }
        if (cf_run_put_off_unreadable(run, "the request"))
            return;
        snprintf(expected, sizeof(expected), "%s in the answer", c->valuestring);
        struct cf_mismatch mismatch = {c, "", expected, "nothing there",
                                       "the answer lacks what the client needs"};
        cf_run_fail(run, &mismatch);
    }
}

/* No answer, or in case of a GET none that tells anything. */
static void unanswered(struct cf_case_run *run, const cJSON *step, bool get, enum cf_code code,
                       const struct cf_err *err)
{
    bool ours = code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED;
    if (get && !ours)
        cf_run_inconclusive(run, "%s", err->text);
    else if (ours || code == CF_ENET || code == CF_ECUT ||
             !cf_json_bool(step, "must_answer", false) || run->record->tries < CF_TRIES_MAX)
        cf_run_no_answer(run, code, err);
    else if (cf_run_lives(run))
        cf_run_fail_text(run, NULL, "an answer", err->text,
                         "the request is left without an answer");
}

static void run_request(struct cf_case_run *run, const cJSON *step)
{
    struct cf_err err = {0};
    struct cf_built_request built;
    char purpose[300];
    if (cf_json_bool(step, "unless_refused", false) && run->asked_status / 100 == 4)
        return;
    if (!cf_built_request_init(run, step, &built))
        return;
    if (run->engine->withhold)
        run->engine->withhold(run, built.step, built.body, built.body_len);
    if (run->over) {
        cf_built_request_release(&built);
        return;
    }
    snprintf(purpose, sizeof(purpose), "%s", cf_json_text(built.step, "request", ""));
    const struct cf_run_wanted anything = {.body = CF_BODY_AS_LABELLED};
    bool get = strcmp(built.request.method, "GET") == 0;
    enum cf_code code = get ? cf_run_read(run, purpose, &built.request, &anything, &err)
                            : cf_run_send(run, purpose, &built.request, &err);
    if (code == CF_OK && !get)
        run->asked_status = run->last.exchange->status;
    if (code == CF_OK && run->engine->answered)
        run->engine->answered(run, built.step, &run->last);
    if (code == CF_OK && !may_refuse(run, step))
        judge(run, step);
    else if (code != CF_OK)
        unanswered(run, step, get, code, &err);
    if (!run->over)
        capture(run, step);
    cf_built_request_release(&built);
}

const struct cf_step_word cf_step_request = {
    {"request", NULL,
     (const char *const[]){"to", "to_id", "method", "path", "json", "text", "hex", "multipart",
                           "content_type", "headers", "auth", "expect", "capture", "must_answer",
                           "may_refuse", "unless_refused", NULL},
     .check = check},
    run_request,
    false};

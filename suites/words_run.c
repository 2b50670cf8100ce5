/*
 * {"expect_distinct": "correlation ids"}: no two operations of the whole run share one. The step is
 * not run: its case is decided when all others have been.
 */
#include "harness/base/mem.h"
#include "harness/case/shape.h"
#include "suites/words.h"

#include <string.h>

/* Of an answer that started an operation. An id that is empty or no text is another matter. */
static char *correlation_id_of(const struct cf_exchange *exchange)
{
    struct cf_json_doc doc;
    const struct cf_body *body = &exchange->response_body;
    if (exchange->kind != CF_EXCHANGE_HTTP || exchange->status != 202 || body->len == 0 ||
        cf_json_parse(&doc, "body", body->bytes, body->len, 0, NULL) != CF_OK)
        return NULL;
    const char *id = cf_json_text(doc.root, "correlation_id", "");
    char *copy = *id ? cf_strdup(id) : NULL;
    cf_json_release(&doc);
    return copy;
}

bool cf_cvm_starts_operation(const struct cf_exchange *exchange)
{
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->status == 202 && exchange->method &&
           strcmp(exchange->method, "GET") != 0;
}

const struct cf_distinct_kind cf_cvm_distinct = {"expect_distinct", "correlation ids",
                                                 "operations of one run share a correlation id",
                                                 "correlation_id", correlation_id_of};

static enum cf_code check_distinct(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                   const cJSON *step, const char *path, struct cf_err *err)
{
    const char *const kinds[] = {engine->distinct->name, NULL};
    return cf_shape_choice(doc, cf_json_get(step, "expect_distinct"), path, kinds, err);
}

static void run_distinct(struct cf_case_run *run, const cJSON *step)
{
    (void)step;
    cf_run_inconclusive(run, "it is decided over all records of a run");
}

const struct cf_step_word cf_cvm_word_expect_distinct = {
    {"expect_distinct", NULL, NULL, .check = check_distinct}, run_distinct, true};

/* Two readings compared, with what a request asked for between them. */
#include "harness/match/describe.h"
#include "suites/reading.h"

static void tell(struct cf_case_run *run, const struct cf_cvm_field *field, const cJSON *wanted,
                 const cJSON *read, const char *message)
{
    struct cf_buf expected = {0};
    struct cf_buf actual = {0};
    cf_buf_printf(&expected, "%s: ", field->name);
    cf_describe(&expected, wanted);
    cf_buf_printf(&actual, "%s: ", field->name);
    cf_describe(&actual, read);
    cf_run_fail_text(run, NULL, cf_buf_text(&expected), cf_buf_text(&actual), message);
    cf_buf_release(&expected);
    cf_buf_release(&actual);
}

/* Why nothing can be said of a field; NULL where something can. */
static const char *why_blind(const struct cf_cvm_reading *reading, int i)
{
    if (!reading->observed[i])
        return reading->why_not[i];
    return cf_cvm_field_readable(&cf_cvm_fields[i], reading->values[i])
               ? NULL
               : "its reading has another type";
}

static bool as_before(int i, const struct cf_cvm_reading *before,
                      const struct cf_cvm_reading *after)
{
    return before->observed[i] &&
           cf_cvm_field_same(&cf_cvm_fields[i], after->values[i], before->values[i]);
}

struct comparison {
    struct cf_case_run *run;
    const struct cf_cvm_reading *before, *after;
    bool report;
};

/* Whether the field is another one than asked for, for sure. */
static bool differs_from_asked(const struct comparison *c, int i, const cJSON *asked)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[i];
    if (why_blind(c->after, i) || cf_cvm_field_same(field, c->after->values[i], asked))
        return false;
    if (c->report)
        tell(c->run, field, asked, c->after->values[i],
             as_before(i, c->before, c->after) ? "a field of the request was not applied"
                                               : "a field of the request has another value");
    return true;
}

/* Whether a field that was not asked for changed, for sure. */
static bool differs_from_before(const struct comparison *c, int i)
{
    if (!c->before->observed[i] || !c->after->observed[i] || as_before(i, c->before, c->after))
        return false;
    if (c->report)
        tell(c->run, &cf_cvm_fields[i], c->before->values[i], c->after->values[i],
             "a field that should not have changed did");
    return true;
}

/* Whether nothing can be said of a field that counts. What could not be read before is not known to
 * be unchanged, whatever it is now. */
static bool is_unknown(const struct comparison *c, int i, const cJSON *asked)
{
    const char *name = cf_cvm_fields[i].name;
    const char *later = asked                    ? why_blind(c->after, i)
                        : !c->after->observed[i] ? c->after->why_not[i]
                                                 : NULL;
    bool blind_before = !asked && !c->before->observed[i];
    bool mapped = c->before->mapped[i] || c->before->observed[i];
    if (!asked && !mapped)
        return false;
    if (c->report && blind_before)
        cf_run_inconclusive(c->run, "%s could not be observed before: %s", name,
                            c->before->why_not[i]);
    else if (c->report && later)
        cf_run_inconclusive(c->run, "%s cannot be observed%s: %s", name, asked ? "" : " any more",
                            later);
    return blind_before || later;
}

int cf_cvm_reading_compare(struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked, bool report)
{
    const struct comparison c = {run, before, after, report};
    int differences = 0;
    bool unknown = false;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        differences += wanted ? differs_from_asked(&c, i, wanted) : differs_from_before(&c, i);
    }
    /* What is wrong for sure was told before what cannot be seen. */
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        unknown = is_unknown(&c, i, cf_json_get(asked, cf_cvm_fields[i].name)) || unknown;
    return differences == 0 && unknown ? CF_CVM_UNKNOWN : differences;
}

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

static bool as_before(const struct cf_cvm_field *field, int i, const struct cf_cvm_reading *before,
                      const struct cf_cvm_reading *after)
{
    return before->observed[i] && cf_cvm_field_same(field, after->values[i], before->values[i]);
}

static int compare_asked(struct cf_case_run *run, int i, const struct cf_cvm_reading *before,
                         const struct cf_cvm_reading *after, const cJSON *asked, bool report)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[i];
    if (!after->observed[i] || !cf_cvm_field_readable(field, after->values[i])) {
        if (report)
            cf_run_inconclusive(run, "%s cannot be observed: %s", field->name,
                                after->observed[i] ? "its reading has another type"
                                                   : after->why_not[i]);
        return 1;
    }
    if (cf_cvm_field_same(field, after->values[i], asked))
        return 0;
    if (report)
        tell(run, field, asked, after->values[i],
             as_before(field, i, before, after) ? "a field of the request was not applied"
                                                : "a field of the request has another value");
    return 1;
}

int cf_cvm_reading_compare(struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked, bool report)
{
    int differences = 0;
    int blind = 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        if (wanted) {
            /* What is wrong for sure is told before what cannot be seen. */
            bool readable =
                after->observed[i] && cf_cvm_field_readable(&cf_cvm_fields[i], after->values[i]);
            blind += !readable;
            differences += readable ? compare_asked(run, i, before, after, wanted, report) : 0;
        } else if (before->observed[i] && after->observed[i]) {
            if (cf_cvm_field_same(&cf_cvm_fields[i], after->values[i], before->values[i]))
                continue;
            differences++;
            if (report)
                tell(run, &cf_cvm_fields[i], before->values[i], after->values[i],
                     "a field that should not have changed did");
        } else if (before->observed[i] && report) {
            cf_run_inconclusive(run, "%s cannot be observed any more: %s", cf_cvm_fields[i].name,
                                after->why_not[i]);
        }
    }
    for (int i = 0; blind > 0 && report && i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        if (wanted &&
            !(after->observed[i] && cf_cvm_field_readable(&cf_cvm_fields[i], after->values[i])))
            compare_asked(run, i, before, after, wanted, true);
    }
    return differences;
}

#include "cli/certify/verify_reports.h"
#include "cli/base/formats.h"
#include "cli/base/scratch.h"
#include "cli/certify/assembly.h"
#include "cli/certify/bundle.h"
#include "harness/base/digest.h"

#include <stdlib.h>
#include <string.h>

/* Make the report in scratch; its digest goes to out_hex. */
static enum cf_code make_again(const struct cf_report_source *source, const char *scratch,
                               const char *format, const char *file, char out_hex[CF_SHA256_HEX],
                               struct cf_err *err)
{
    char *made = cf_path_in(scratch, file);
    enum cf_code code = cf_format_write(format, source, made, err);
    if (code == CF_OK)
        code = cf_sha256_file(made, out_hex, err);
    free(made);
    return code;
}

/* The bundle has the results compressed, which can be done in more than one way. */
static void check_results(struct cf_verification *v, const struct cf_report_source *source,
                          const char *scratch)
{
    struct cf_err err = {0};
    char now[CF_SHA256_HEX];
    char then[CF_SHA256_HEX];
    cf_results_sha256(v->results, then);
    if (make_again(source, scratch, "json", CF_RESULTS_FILE, now, &err) != CF_OK)
        cf_verification_find(v, "%s", err.text);
    else if (strcmp(now, then) != 0)
        cf_verification_find(v, "%s is not what is made from its records", CF_BUNDLE_RESULTS);
}

static void check_report(struct cf_verification *v, const struct cf_report_source *source,
                         const char *scratch, const char *format, const char *file)
{
    struct cf_err err = {0};
    char now[CF_SHA256_HEX];
    char then[CF_SHA256_HEX];
    char *there = cf_path_in(v->folder, file);
    enum cf_code code = make_again(source, scratch, format, file, now, &err);
    if (code == CF_OK)
        code = cf_sha256_file(there, then, &err);
    free(there);
    if (code != CF_OK)
        cf_verification_find(v, "%s", err.text);
    else if (strcmp(now, then) != 0)
        cf_verification_find(v, "%s is not what is made from its records", file);
}

static void check_statement(struct cf_verification *v, const struct cf_report_source *source)
{
    struct cf_err err = {0};
    struct cf_buf now;
    struct cf_buf then;
    const struct cf_statement from = {v->folder, source, &v->catalogue, &v->profile, &v->answerers};
    cf_buf_init(&now, CF_STATEMENT_MAX_BYTES);
    cf_buf_init(&then, CF_STATEMENT_MAX_BYTES);
    if (cf_statement_make(&now, &from, &err) != CF_OK)
        cf_verification_find(v, "%s", err.text);
    else if (cf_verification_read(v, CF_BUNDLE_STATEMENT, &then) &&
             (now.len != then.len || memcmp(now.data, then.data, now.len) != 0))
        cf_verification_find(v, "%s is not what the bundle's files make it say",
                             CF_BUNDLE_STATEMENT);
    cf_buf_release(&now);
    cf_buf_release(&then);
}

void cf_verify_reports(struct cf_verification *v, enum cf_certified *out_result)
{
    struct cf_err err = {0};
    struct cf_assembly assembly = {0};
    char scratch[CF_SCRATCH_BYTES] = "";
    const struct cf_run_info *info = cf_results_info(v->results);
    if (cf_assembly_make(&assembly, v->results, &v->catalogue, &v->plan, info, NULL, &err) !=
        CF_OK) {
        cf_verification_find(v, "%s", err.text);
    } else if (!cf_scratch_make(scratch)) {
        cf_verification_find(v, "the reports were not checked");
    } else {
        const struct cf_report_source *source = &assembly.source;
        *out_result = cf_certified_result(source->summary);
        check_results(v, source, scratch);
        check_report(v, source, scratch, "junit", CF_BUNDLE_JUNIT);
        check_report(v, source, scratch, "html", CF_BUNDLE_HTML);
        check_statement(v, source);
    }
    cf_scratch_remove(scratch);
    cf_assembly_release(&assembly);
}

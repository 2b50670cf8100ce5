#include "cli/certify/statement.h"
#include "cli/certify/bundle.h"
#include "harness/base/digest.h"
#include "harness/base/json_put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cf_certified_name(enum cf_certified result)
{
    static const char *const names[] = {"PASSED", "WARNED", "FAILED"};
    return names[result];
}

enum cf_certified cf_certified_result(const struct cf_summary *summary)
{
    const struct cf_level_counts *must = &summary->levels[CF_MUST];
    const struct cf_level_counts *should = &summary->levels[CF_SHOULD];
    if (summary->cases_error > 0 || must->passed == 0 || must->unstable > 0 ||
        must->passed + must->not_applicable != must->total)
        return CF_CERTIFIED_FAILED;
    if (should->unstable > 0 || should->passed + should->not_applicable != should->total)
        return CF_CERTIFIED_WARNED;
    return CF_CERTIFIED_PASSED;
}

const char *cf_certified_refusal(const struct cf_profile *profile)
{
    if (profile->insecure)
        return "pixit.tls.insecure switches off the verification of TLS certificates";
    if (!profile->tls && !profile->loopback)
        return "iut.base_url is plain http to another machine; https is needed";
    return NULL;
}

/* ---- the subject ---- */

static enum cf_code put_digest(struct cf_buf *out, const char *folder, const char *file,
                               struct cf_err *err)
{
    char hex[CF_SHA256_HEX];
    char *path = cf_path_in(folder, file);
    enum cf_code code = cf_sha256_file(path, hex, err);
    free(path);
    if (code == CF_OK)
        cf_buf_printf(out, ",\"digest\":{\"sha256\":\"%s\"}", hex);
    return code;
}

static enum cf_code put_subject(struct cf_buf *out, const struct cf_statement *from,
                                struct cf_err *err)
{
    const struct cf_profile *p = from->profile;
    char name[500];
    snprintf(name, sizeof(name), "%s %s", cf_json_text(p->iut, "name", ""),
             cf_json_text(p->iut, "version", ""));
    cf_buf_puts(out, "\n  \"subject\": [\n    {");
    cf_json_put_text_member(out, "name", name);
    cf_json_put_text_member(out, "uri", cf_json_text(p->iut, "base_url", ""));
    enum cf_code code = put_digest(out, from->folder, CF_BUNDLE_RESULTS, err);
    cf_json_put_key(out, "annotations");
    cf_json_put_foreign(out, from->source->info->iut, CF_JSON_DEPTH_MAX / 2);
    cf_buf_puts(out, "}\n  ],");
    return code;
}

/* ---- the configuration ---- */

static void put_levels(struct cf_buf *out, const struct cf_summary *summary)
{
    cf_json_put_key(out, "levels");
    cf_buf_putc(out, '[');
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        struct cf_buf line = {0};
        cf_report_put_level(&line, summary, (enum cf_level)level);
        cf_json_put_comma(out);
        cf_json_put_text(out, cf_buf_text(&line));
        cf_buf_release(&line);
    }
    cf_buf_putc(out, ']');
}

static void put_names(struct cf_buf *out, const char *key, const struct cf_list *names)
{
    cf_json_put_key(out, key);
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < names->count; i++) {
        cf_json_put_comma(out);
        cf_json_put_text(out, names->items[i]);
    }
    cf_buf_putc(out, ']');
}

/* What did not apply, by reason: how many cases. */
static void put_not_applicable(struct cf_buf *out, const struct cf_summary *summary)
{
    cf_json_put_key(out, "not_applicable");
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < summary->reason_count; i++) {
        if (summary->reasons[i].verdict != CF_NOT_APPLICABLE)
            continue;
        cf_json_put_comma(out);
        cf_buf_putc(out, '{');
        cf_json_put_text_member(out, "reason", summary->reasons[i].reason);
        cf_json_put_count_member(out, "cases", summary->reasons[i].count);
        cf_buf_putc(out, '}');
    }
    cf_buf_putc(out, ']');
}

static void put_suite(struct cf_buf *out, const struct cf_statement *from)
{
    char uri[200];
    const struct cf_run_info *info = from->source->info;
    snprintf(uri, sizeof(uri), "pkg:generic/cvm-conformance@%.100s",
             info->suite_version ? info->suite_version : "");
    cf_buf_puts(out, "\n      {");
    cf_json_put_text_member(out, "name", "suite");
    cf_json_put_text_member(out, "uri", uri);
    cf_buf_puts(out, "},");
}

static enum cf_code put_cases(struct cf_buf *out, const struct cf_statement *from,
                              struct cf_err *err)
{
    char hex[CF_SHA256_HEX];
    char *path = cf_path_in(from->folder, CF_BUNDLE_CASES);
    enum cf_code code = cf_folder_digest(path, hex, err);
    free(path);
    if (code != CF_OK)
        return code;
    cf_buf_puts(out, "\n      {");
    cf_json_put_text_member(out, "name", CF_BUNDLE_CASES);
    cf_buf_printf(out, ",\"digest\":{\"dirHash\":\"%s\"},\"annotations\":{", hex);
    cf_json_put_text_member(out, "catalogue_sha256", from->catalogue->sha256);
    cf_json_put_count_member(out, "requirements", from->catalogue->requirement_count);
    cf_json_put_count_member(out, "cases", from->catalogue->case_count);
    cf_buf_puts(out, "}},");
    return CF_OK;
}

/* Who vouches for the server: authorities that the profile brings are the tester's or the vendor's
 * own word. */
static const char *transport(const struct cf_profile *profile)
{
    if (!profile->tls)
        return "plain http to a loopback address: TLS was not tested";
    return profile->ca_file ? "https, the server's certificate verified by the profile's own "
                              "authorities (pixit.tls.ca_file), not by the system's"
                            : "https, the server's certificate verified by the system's "
                              "authorities";
}

static enum cf_code put_profile(struct cf_buf *out, const struct cf_statement *from,
                                struct cf_err *err)
{
    cf_buf_puts(out, "\n      {");
    cf_json_put_text_member(out, "name", CF_BUNDLE_PROFILE);
    enum cf_code code = put_digest(out, from->folder, CF_BUNDLE_PROFILE, err);
    cf_json_put_text_member(out, "mediaType", "application/json");
    cf_buf_puts(out, ",\"annotations\":{");
    cf_json_put_text_member(out, "transport", transport(from->profile));
    cf_json_put_text_member(out, "user_agent", cf_certified_user_agent(from->profile));
    if (from->source->info->profile_hidden)
        cf_json_put_text_member(out, "hidden", from->source->info->profile_hidden);
    cf_buf_puts(out, "}},");
    return code;
}

/* The transcripts, and with them how the run was made. */
static enum cf_code put_run(struct cf_buf *out, const struct cf_statement *from, struct cf_err *err)
{
    const struct cf_run_info *info = from->source->info;
    cf_buf_puts(out, "\n      {");
    cf_json_put_text_member(out, "name", CF_BUNDLE_RESULTS);
    enum cf_code code = put_digest(out, from->folder, CF_BUNDLE_RESULTS, err);
    cf_buf_puts(out, ",\"annotations\":{");
    cf_json_put_count_member(out, "seed", info->seed);
    cf_json_put_int_member(out, "repetitions", info->repeat);
    cf_json_put_bool_member(out, "shuffled", true);
    cf_json_put_text_member(out, "repeated",
                            "every case, each time in another order and with other texts, drawn "
                            "from the seed and the number of the repetition");
    cf_json_put_text_member(out, "plan_sha256", info->plan_sha256);
    cf_json_put_text_member(out, "started_at", info->started_at);
    cf_json_put_text_member(out, "finished_at", info->finished_at);
    put_levels(out, from->source->summary);
    put_names(out, "out_of_sight", &info->out_of_sight); /* what nobody saw applied */
    put_not_applicable(out, from->source->summary);
    put_names(out, "answered_from", &from->answerers->addresses);
    put_names(out, "verified_by", &from->answerers->authorities);
    cf_buf_puts(out, "}}");
    return code;
}

static enum cf_code put_reports(struct cf_buf *out, const struct cf_statement *from,
                                struct cf_err *err)
{
    static const char *const files[] = {CF_BUNDLE_JUNIT, CF_BUNDLE_HTML};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(files) / sizeof(files[0]); i++) {
        cf_buf_puts(out, ",\n      {");
        cf_json_put_text_member(out, "name", files[i]);
        code = put_digest(out, from->folder, files[i], err);
        cf_buf_putc(out, '}');
    }
    return code;
}

static enum cf_code put_configuration(struct cf_buf *out, const struct cf_statement *from,
                                      struct cf_err *err)
{
    cf_buf_puts(out, "\n    \"configuration\": [");
    put_suite(out, from);
    enum cf_code code = put_cases(out, from, err);
    if (code == CF_OK)
        code = put_profile(out, from, err);
    if (code == CF_OK)
        code = put_run(out, from, err);
    if (code == CF_OK)
        code = put_reports(out, from, err);
    cf_buf_puts(out, "\n    ],");
    return code;
}

/* ---- the tests ---- */

/* In which list a case stands; -1 for one that does not apply. */
static int list_of(const struct cf_report_case *item, enum cf_level level)
{
    if (item->verdict == CF_NOT_APPLICABLE)
        return -1;
    if (item->verdict == CF_PASS && !item->unstable)
        return CF_CERTIFIED_PASSED;
    return level == CF_MUST || item->verdict == CF_ERROR ? CF_CERTIFIED_FAILED
                                                         : CF_CERTIFIED_WARNED;
}

static void put_tests(struct cf_buf *out, const struct cf_report_source *source)
{
    static const char *const keys[] = {"passedTests", "warnedTests", "failedTests"};
    for (int list = 0; list < 3; list++) {
        bool first = true;
        cf_buf_printf(out, "%s\n    \"%s\": [", list ? "," : "", keys[list]);
        for (size_t i = 0; i < source->case_count; i++) {
            const struct cf_results_entry *entry = cf_report_entry(source, &source->cases[i]);
            if (list_of(&source->cases[i], entry->level) != list)
                continue;
            cf_buf_puts(out, first ? "\n      " : ",\n      ");
            cf_json_put_text(out, entry->id);
            first = false;
        }
        cf_buf_puts(out, first ? "]" : "\n    ]");
    }
}

enum cf_code cf_statement_make(struct cf_buf *out, const struct cf_statement *from,
                               struct cf_err *err)
{
    cf_buf_puts(out, "{\n  \"_type\": \"https://in-toto.io/Statement/v1\",");
    enum cf_code code = put_subject(out, from, err);
    cf_buf_puts(out, "\n  \"predicateType\": "
                     "\"https://in-toto.io/attestation/test-result/v0.1\",\n  \"predicate\": {");
    cf_buf_printf(out, "\n    \"result\": \"%s\",",
                  cf_certified_name(cf_certified_result(from->source->summary)));
    if (code == CF_OK)
        code = put_configuration(out, from, err);
    put_tests(out, from->source);
    cf_buf_puts(out, "\n  }\n}\n");
    return code == CF_OK ? cf_buf_check(out, err) : code;
}

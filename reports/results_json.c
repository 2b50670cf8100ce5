#include "reports/results_json.h"
#include "harness/base/json_put.h"

static void put_case_counts(struct cf_buf *out, const struct cf_summary *summary)
{
    cf_json_put_key(out, "cases");
    cf_buf_putc(out, '{');
    cf_json_put_count_member(out, "total", summary->cases_total);
    cf_json_put_count_member(out, "pass", summary->cases_pass);
    cf_json_put_count_member(out, "fail", summary->cases_fail);
    cf_json_put_count_member(out, "inconclusive", summary->cases_inconclusive);
    cf_json_put_count_member(out, "error", summary->cases_error);
    cf_json_put_count_member(out, "not_applicable", summary->cases_not_applicable);
    cf_json_put_count_member(out, "unstable", summary->cases_unstable);
    cf_buf_putc(out, '}');
}

static void put_level_counts(struct cf_buf *out, const struct cf_summary *summary)
{
    cf_json_put_key(out, "requirements");
    cf_buf_putc(out, '{');
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        const struct cf_level_counts *counts = &summary->levels[level];
        cf_json_put_key(out, cf_level_name((enum cf_level)level));
        cf_buf_putc(out, '{');
        cf_json_put_count_member(out, "total", counts->total);
        cf_json_put_count_member(out, "passed", counts->passed);
        cf_json_put_count_member(out, "failed", counts->failed);
        cf_json_put_count_member(out, "inconclusive", counts->inconclusive);
        cf_json_put_count_member(out, "not_applicable", counts->not_applicable);
        cf_json_put_count_member(out, "error", counts->error);
        cf_json_put_count_member(out, "unstable", counts->unstable);
        cf_json_put_count_member(out, "not_run", counts->not_run);
        cf_json_put_count_member(out, "proven", counts->proven);
        cf_buf_putc(out, '}');
    }
    cf_buf_putc(out, '}');
}

static void put_reasons(struct cf_buf *out, const struct cf_summary *summary)
{
    cf_json_put_key(out, "reasons");
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < summary->reason_count; i++) {
        cf_json_put_comma(out);
        cf_buf_putc(out, '{');
        cf_json_put_text_member(out, "verdict", cf_verdict_name(summary->reasons[i].verdict));
        cf_json_put_text_member(out, "reason", summary->reasons[i].reason);
        cf_json_put_count_member(out, "count", summary->reasons[i].count);
        cf_buf_putc(out, '}');
    }
    cf_buf_putc(out, ']');
}

static void put_causes(struct cf_buf *out, const struct cf_report_source *source)
{
    cf_json_put_key(out, "causes");
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < source->cause_count; i++) {
        const struct cf_report_cause *cause = &source->causes[i];
        cf_json_put_comma(out);
        cf_buf_putc(out, '{');
        cf_json_put_text_member(out, "name", cause->name);
        cf_json_put_text_member(out, "sentence", cause->sentence);
        cf_json_put_key(out, "share");
        cf_buf_printf(out, "%.2f", cause->share);
        if (cause->other_count > 0)
            cf_json_put_key(out, "or");
        for (size_t k = 0; k < cause->other_count; k++) {
            cf_buf_puts(out, k ? "," : "[");
            cf_json_put_text(out, cause->others[k]);
        }
        cf_buf_puts(out, cause->other_count > 0 ? "]}" : "}");
    }
    cf_buf_putc(out, ']');
}

static void put_list(struct cf_buf *out, const struct cf_list *list)
{
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        cf_json_put_comma(out);
        cf_json_put_text(out, list->items[i]);
    }
    cf_buf_putc(out, ']');
}

static void put_list_member(struct cf_buf *out, const char *name, const struct cf_list *list)
{
    cf_json_put_key(out, name);
    put_list(out, list);
}

static void put_summary(struct cf_buf *out, const struct cf_report_source *source)
{
    const struct cf_summary *summary = source->summary;
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "verdict", summary->verdict);
    put_case_counts(out, summary);
    cf_json_put_count_member(out, "operations",
                             summary->operations + source->info->operations_besides);
    cf_json_put_count_member(out, "operations_besides", source->info->operations_besides);
    put_level_counts(out, summary);
    put_reasons(out, summary);
    put_causes(out, source);
    put_list_member(out, "out_of_sight", &source->info->out_of_sight);
    cf_buf_putc(out, '}');
}

static void put_suite(struct cf_buf *out, const struct cf_run_info *info)
{
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "name", info->suite_name ? info->suite_name : "cvm-conformance");
    cf_json_put_text_member(out, "version", info->suite_version);
    cf_json_put_text_member(out, "catalogue_sha256", info->catalogue_sha256);
    cf_buf_putc(out, '}');
}

static void put_shard(struct cf_buf *out, const struct cf_run_info *info)
{
    cf_buf_putc(out, '{');
    cf_json_put_int_member(out, "index", info->shard_index);
    cf_json_put_int_member(out, "count", info->shard_count);
    cf_buf_putc(out, '}');
}

static void put_foreign_object(struct cf_buf *out, const char *text)
{
    cf_json_put_foreign(out, text ? text : "{}", CF_JSON_DEPTH_MAX - 2);
}

static void put_gate(struct cf_buf *out, const struct cf_gate_terms *gate)
{
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "fail_on", cf_level_name(gate->fail_on));
    cf_json_put_bool_member(out, "allow_inconclusive", gate->allow_inconclusive);
    cf_json_put_int_member(out, "min_cases", gate->min_cases);
    cf_json_put_int_member(out, "planned", gate->planned);
    put_list_member(out, "known_failures", &gate->known_failures);
    put_list_member(out, "outdated", &gate->outdated);
    put_list_member(out, "troubles", &gate->troubles);
    cf_buf_putc(out, '}');
}

/* Append the key, on a line of its own unless compact. */
static void key(struct cf_buf *out, bool compact, const char *name)
{
    cf_json_put_comma(out);
    if (!compact)
        cf_buf_puts(out, "\n  ");
    cf_buf_printf(out, "\"%s\":%s", name, compact ? "" : " ");
}

static void text_member(struct cf_buf *out, bool compact, const char *name, const char *value)
{
    key(out, compact, name);
    if (value)
        cf_json_put_text(out, value);
    else
        cf_buf_puts(out, "null");
}

void cf_report_json_put_head(struct cf_buf *out, const struct cf_report_source *source,
                             bool compact)
{
    const struct cf_run_info *info = source->info;
    text_member(out, compact, "format", CF_RESULTS_FORMAT);
    key(out, compact, "version");
    cf_buf_printf(out, "%d", CF_RESULTS_VERSION);
    key(out, compact, "suite");
    put_suite(out, info);
    key(out, compact, "iut");
    put_foreign_object(out, info->iut);
    key(out, compact, "pics");
    put_foreign_object(out, info->pics);
    key(out, compact, "seed");
    cf_buf_printf(out, "%llu", info->seed);
    text_member(out, compact, "started_at", info->started_at);
    text_member(out, compact, "finished_at", info->finished_at);
    key(out, compact, "complete");
    cf_buf_puts(out, info->complete ? "true" : "false");
    if (info->trouble)
        text_member(out, compact, "trouble", info->trouble);
    key(out, compact, "repeat");
    cf_buf_printf(out, "%d", info->repeat);
    text_member(out, compact, "selection", info->selection);
    key(out, compact, "shard");
    put_shard(out, info);
    text_member(out, compact, "profile_sha256", info->profile_sha256);
    if (info->profile_hidden)
        text_member(out, compact, "profile_hidden", info->profile_hidden);
    text_member(out, compact, "plan_sha256", info->plan_sha256);
    key(out, compact, "gate");
    put_gate(out, &info->gate);
    key(out, compact, "command");
    put_list(out, &info->command);
    key(out, compact, "again");
    put_list(out, &info->again);
    key(out, compact, "left");
    put_list(out, &info->left);
    if (info->bought) {
        text_member(out, compact, "bought", info->bought);
        key(out, compact, "left_out");
        put_list(out, &info->left_out);
    }
    key(out, compact, "summary");
    put_summary(out, source);
}

void cf_report_json_put_requirement(struct cf_buf *out, const struct cf_requirement_info *info)
{
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "id", info->id);
    cf_json_put_text_member(out, "level", cf_level_name(info->level));
    cf_json_put_text_member(out, "verdict", cf_verdict_name(info->verdict));
    cf_json_put_text_member(out, "statement", info->statement);
    cf_json_put_text_member(out, "source", info->source);
    cf_json_put_bool_member(out, "proven", info->proven);
    cf_json_put_bool_member(out, "unstable", info->unstable);
    cf_json_put_key(out, "cases");
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < info->case_count; i++) {
        cf_json_put_comma(out);
        cf_json_put_text(out, info->cases[i]);
    }
    cf_buf_puts(out, "]}");
}

void cf_report_json_begin(struct cf_report_file *file, const struct cf_report_source *source)
{
    const struct cf_summary *summary = source->summary;
    cf_buf_putc(&file->out, '{');
    cf_report_json_put_head(&file->out, source, false);
    cf_buf_puts(&file->out, ",\n  \"requirements\": [");
    for (size_t i = 0; i < summary->requirement_count; i++) {
        cf_buf_puts(&file->out, i ? ",\n    " : "\n    ");
        cf_report_json_put_requirement(&file->out, &summary->requirements[i]);
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out,
                summary->requirement_count ? "\n  ],\n  \"cases\": [" : "],\n  \"cases\": [");
}

void cf_report_json_case(struct cf_report_file *file, const char *text, size_t len, bool first)
{
    cf_buf_puts(&file->out, first ? "\n    " : ",\n    ");
    cf_json_put_compact(&file->out, text, len);
    cf_report_file_pump(file);
}

void cf_report_json_end(struct cf_report_file *file, bool empty)
{
    cf_buf_puts(&file->out, empty ? "]\n}\n" : "\n  ]\n}\n");
}

static void write_all(const struct cf_report_source *source, struct cf_report_file *file)
{
    cf_report_json_begin(file, source);
    for (size_t i = 0; i < source->record_count; i++) {
        size_t len;
        const char *record = cf_results_case_text(source->results, source->order[i], &len);
        cf_report_json_case(file, record, len, i == 0);
    }
    cf_report_json_end(file, source->record_count == 0);
}

enum cf_code cf_report_json_write(const struct cf_report_source *source, const char *path,
                                  struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    write_all(source, &file);
    return cf_report_file_close(&file, CF_OK, err);
}

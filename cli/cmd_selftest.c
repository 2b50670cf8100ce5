/* cvm-conformance selftest */
#include "cli/base/case_options.h"
#include "cli/commands.h"
#include "cli/explore_table.h"
#include "cli/selftest/selftest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/http/client.h"
#include "reports/selftest_report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cf_option options[] = {
    {.name = "deviation", .arg = "NAME", .help = "only this deviation", .repeatable = true},
    {.name = "variant", .arg = "NAME", .help = "only this variant", .repeatable = true},
    {.name = "full",
     .help = "every case against every deviation, for the kill matrix, and each variant alone"},
    {.name = "expectations",
     .help = "negate and drop every single expectation in turn (implies --full)"},
    {.name = "matrix-out", .arg = "FILE", .help = "write the kill matrix (implies --full)"},
    {.name = "matrix-check",
     .arg = "FILE",
     .help = "check that a kill matrix is what this self-test sees"},
    {.name = "explore",
     .help = "explore each deviation of level must and each variant instead of running the cases"},
    {.name = "operations", .arg = "N", .help = "with --explore: commands for each (2000)"},
    {.name = "seed", .arg = "N", .help = "with --explore: which sequences (1)"},
    {.name = "jobs", .arg = "N", .help = "trials at the same time"},
    {.name = "out",
     .arg = "DIR",
     .help = "where selftest.json and selftest.html go (conformance-report)",
     .variable = CF_OUT_VARIABLE},
    {.name = "quiet", .help = "only the closing lines"},
    {0}};

/* ---- subjects ---- */

static bool chosen(const char *const *names, const char *name)
{
    for (; names && *names; names++) {
        if (cf_glob(*names, name))
            return true;
    }
    return false;
}

/* Every name must stand for something: a slip of the pen would leave it untried. */
static bool names_known(const char *const *names, bool variants)
{
    const struct cf_ref_switch *rows;
    size_t count = variants ? cf_ref_variants(&rows) : cf_ref_deviations(&rows);
    const char **known = cf_alloc_array(count + 1, sizeof(*known));
    bool good = true;
    for (size_t i = 0; i < count; i++)
        known[i] = rows[i].name;
    for (; good && names && *names; names++) {
        size_t i = 0;
        while (i < count && !cf_glob(*names, known[i]))
            i++;
        good = i < count;
        const char *kind = variants ? "variant" : "deviation";
        const char *near = good ? NULL : cf_name_nearest(known, *names);
        if (near)
            cf_complain("no such %s: \"%s\"; did you mean \"%s\"?", kind, *names, near);
        else if (!good)
            cf_complain("no such %s: \"%s\"; see cvm-conformance serve --list-%ss", kind, *names,
                        kind);
    }
    free(known);
    return good;
}

/* Tried by name alone: what exploring finds, and the parts of the field target, of which the whole
 * is tried; exploring that takes too long. */
static bool is_named_only(const struct cf_selftest *s, const struct cf_ref_switch *row)
{
    if (strcmp(row->level, "field") == 0)
        return s->explores || strcmp(row->name, "field-service") != 0;
    return strcmp(row->level, "explore") == 0 && !s->explores;
}

static void add_rows(struct cf_selftest *s, enum cf_subject_kind kind, const char *const *only,
                     bool all)
{
    const struct cf_ref_switch *rows;
    size_t count = kind == CF_SUBJECT_VARIANT ? cf_ref_variants(&rows) : cf_ref_deviations(&rows);
    for (size_t i = 0; i < count; i++) {
        bool tried = all && !is_named_only(s, &rows[i]);
        if (tried || chosen(only, rows[i].name))
            s->subjects[s->count++] = (struct cf_subject){.kind = kind, .row = &rows[i]};
    }
}

static bool choose_subjects(struct cf_selftest *s, const struct cf_args *args)
{
    const struct cf_ref_switch *rows;
    const char *const *deviations = cf_texts(args, "deviation");
    const char *const *variants = cf_texts(args, "variant");
    bool all = !deviations && !variants;
    size_t most = 1 + cf_ref_deviations(&rows) + cf_ref_variants(&rows);
    s->subjects = cf_alloc_array(most, sizeof(*s->subjects));
    if (all)
        s->subjects[s->count++] = (struct cf_subject){.kind = CF_SUBJECT_CLEAN};
    add_rows(s, CF_SUBJECT_VARIANT, variants, all);
    add_rows(s, CF_SUBJECT_DEVIATION, deviations, all);
    return names_known(variants, true) && names_known(deviations, false);
}

/* ---- telling ---- */

/* By enum cf_subject_kind. */
static const char *const kind_names[] = {"clean", "variant", "deviation"};

static void print_subject(const struct cf_subject *subject)
{
    printf("%-9s %-42s %-34s %-11s %s\n", kind_names[subject->kind],
           subject->row ? subject->row->name : "reference",
           subject->row ? subject->row->requirement : "",
           subject->outcome == CF_OUTCOME_GOOD && subject->kind == CF_SUBJECT_DEVIATION
               ? "caught"
               : cf_subject_outcome_name(subject->outcome),
           subject->detail);
}

static bool is_proven(const struct cf_selftest *s, const struct cf_requirement *requirement)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct cf_subject *subject = &s->subjects[i];
        if (subject->kind == CF_SUBJECT_DEVIATION && subject->requirement_failed > 0 &&
            strcmp(subject->row->requirement, requirement->id) == 0)
            return true;
    }
    return false;
}

static void count_proven(const struct cf_selftest *s, struct cf_selftest_report_head *head)
{
    const struct cf_catalogue *c = &s->target.catalogue;
    for (size_t i = 0; i < c->requirement_count; i++) {
        enum cf_level level = c->requirements[i]->level;
        if (level > CF_SHOULD)
            continue;
        bool proven = is_proven(s, c->requirements[i]);
        head->total[level]++;
        head->proven[level] += proven;
        if (!proven && s->full && !s->quiet)
            printf("unproven  %-7s %s: no deviation that breaks it was caught\n",
                   cf_level_name(level), c->requirements[i]->id);
    }
}

static struct cf_selftest_report_head sum_up(const struct cf_selftest *s)
{
    struct cf_selftest_report_head head = {.version = CF_VERSION,
                                           .catalogue_sha256 = s->target.catalogue.sha256,
                                           .wall_ms = s->wall_ms,
                                           .requests = s->requests,
                                           .tried_twice = s->retried};
    size_t *const outcomes[] = {NULL, &head.false_alarms, &head.survivors, &head.strays,
                                &head.broken};
    size_t *const kinds[] = {NULL, &head.variants, &head.deviations};
    for (size_t i = 0; i < s->count; i++) {
        if (outcomes[s->subjects[i].outcome])
            ++*outcomes[s->subjects[i].outcome];
        if (kinds[s->subjects[i].kind])
            ++*kinds[s->subjects[i].kind];
    }
    count_proven(s, &head);
    return head;
}

static bool conclude(const struct cf_selftest_report_head *head, bool all)
{
    printf("%zu deviations, %zu variants: %zu survivors, %zu strays, %zu false alarms, "
           "%zu broken; %.1f s, %lu requests, %zu tried twice\n",
           head->deviations, head->variants, head->survivors, head->strays, head->false_alarms,
           head->broken, head->wall_ms / 1000, head->requests, head->tried_twice);
    for (int level = CF_MUST; all && level <= CF_SHOULD; level++)
        printf("%s: %zu of %zu requirements proven able to fail\n",
               cf_level_name((enum cf_level)level), head->proven[level], head->total[level]);
    return head->survivors + head->strays + head->false_alarms + head->broken == 0;
}

/* ---- files ---- */

static bool write_files(const struct cf_selftest *s, const struct cf_selftest_report_head *head,
                        const char *dir)
{
    struct cf_err err = {0};
    char path[4200];
    struct cf_selftest_report_row *rows = cf_alloc_array(s->count + 1, sizeof(*rows));
    enum cf_code code = cf_file_make_directory(dir, &err);
    for (size_t i = 0; i < s->count; i++) {
        const struct cf_subject *subject = &s->subjects[i];
        const struct cf_ref_switch *row = subject->row;
        rows[i] =
            (struct cf_selftest_report_row){.kind = kind_names[subject->kind],
                                            .name = row ? row->name : "reference",
                                            .requirement = row ? row->requirement : "",
                                            .level = row ? row->level : "",
                                            .sentence = row ? row->sentence : "",
                                            .outcome = cf_subject_outcome_name(subject->outcome),
                                            .good = subject->outcome == CF_OUTCOME_GOOD,
                                            .detail = subject->detail,
                                            .failed = subject->failed,
                                            .must_failed = subject->must_failed,
                                            .requests = subject->trial.requests,
                                            .duration_ms = subject->trial.duration_ms};
    }
    snprintf(path, sizeof(path), "%s/selftest.json", dir);
    if (code == CF_OK)
        code = cf_selftest_report_json_write(head, rows, s->count, path, &err);
    snprintf(path, sizeof(path), "%s/selftest.html", dir);
    if (code == CF_OK)
        code = cf_selftest_report_html_write(head, rows, s->count, path, &err);
    free(rows);
    if (code != CF_OK)
        cf_complain("%s", err.text);
    return code == CF_OK;
}

static bool write_matrix(const struct cf_selftest *s, const char *path)
{
    struct cf_err err = {0};
    struct cf_kill_matrix matrix;
    struct cf_buf text = {0};
    cf_selftest_matrix(s, &matrix);
    cf_kill_matrix_write(&text, &matrix);
    enum cf_code code = cf_file_write(path, cf_buf_text(&text), text.len, 0644, &err);
    cf_kill_matrix_release(&matrix);
    cf_buf_release(&text);
    if (code != CF_OK)
        cf_complain("%s", err.text);
    return code == CF_OK;
}

/* ---- the command ---- */

static int run_edits(struct cf_selftest *s)
{
    struct cf_buf text = {0};
    long dead = cf_selftest_expectations(s, &text);
    fputs(cf_buf_text(&text), stdout);
    cf_buf_release(&text);
    return dead == 0 ? CF_EXIT_OK : dead > 0 ? CF_EXIT_FAILED : CF_EXIT_UNJUDGED;
}

static int selftest(struct cf_selftest *s, const struct cf_args *args)
{
    const char *matrix_out = cf_text(args, "matrix-out", NULL);
    const char *matrix_check = cf_text(args, "matrix-check", NULL);
    bool all = !cf_given(args, "deviation") && !cf_given(args, "variant");
    if (!all && (matrix_out || matrix_check))
        return cf_complain("a kill matrix is made of all deviations");
    s->full = matrix_out || cf_given(args, "full") || cf_given(args, "expectations");
    s->groups = all && !s->full;
    if (matrix_check && !cf_selftest_matrix_current(s, matrix_check))
        return CF_EXIT_FAILED;
    struct cf_kill_matrix shipped = {0};
    if (!s->full && cf_kill_matrix_read(&shipped, cf_kill_matrix_path(), NULL) == CF_OK &&
        strcmp(shipped.catalogue_sha256, s->target.catalogue.sha256) == 0)
        s->matrix = &shipped;
    cf_selftest_run(s);
    s->matrix = NULL;
    cf_kill_matrix_release(&shipped);
    for (size_t i = 0; i < s->count; i++) {
        if (!s->quiet || s->subjects[i].outcome != CF_OUTCOME_GOOD)
            print_subject(&s->subjects[i]);
    }
    const struct cf_selftest_report_head head = sum_up(s);
    bool good = conclude(&head, all);
    good = write_files(s, &head, cf_text(args, "out", "conformance-report")) && good;
    if (matrix_out)
        good = write_matrix(s, matrix_out) && good;
    if (matrix_check)
        good = cf_selftest_matrix_agrees(s, matrix_check) && good;
    if (cf_given(args, "expectations")) {
        int status = run_edits(s);
        if (status != CF_EXIT_OK)
            return status;
    }
    return good ? CF_EXIT_OK : CF_EXIT_FAILED;
}

/* What breaks no must cannot contradict a model of the musts. */
static int explore(const struct cf_selftest *s, const struct cf_args *args)
{
    long long seed;
    struct cf_explore_table table = {.quiet = s->quiet};
    if (!cf_number(args, "operations", 1, 10000000, 2000, &table.commands_max) ||
        !cf_number(args, "seed", 0, 1000000000000, 1, &seed))
        return CF_EXIT_USAGE;
    table.seed = (unsigned long long)seed;
    for (size_t i = 0; i < s->count; i++) {
        const struct cf_subject *subject = &s->subjects[i];
        const char *name = subject->row ? subject->row->name : "";
        if (subject->kind != CF_SUBJECT_DEVIATION)
            cf_list_add(&table.variants, name);
        else if (strcmp(subject->row->level, "should") != 0)
            cf_list_add(&table.deviations, name);
    }
    int status = cf_explore_table_run(&table);
    cf_list_release(&table.variants);
    cf_list_release(&table.deviations);
    return status;
}

static int run(const struct cf_args *args)
{
    struct cf_selftest s = {0};
    struct cf_err err = {0};
    long long jobs;
    int status = CF_EXIT_USAGE;
    /* A trial waits for operations two thirds of its time. */
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (!cf_number(args, "jobs", 1, 16, cores > 5 ? 16 : cores * 3, &jobs))
        return CF_EXIT_USAGE;
    s.parallel = (size_t)jobs;
    s.quiet = cf_given(args, "quiet");
    s.explores = cf_given(args, "explore");
    if (cf_http_global_init(&err) != CF_OK)
        return cf_complain("%s", err.text);
    if (cf_target_load_cases(&s.target, NULL) && choose_subjects(&s, args))
        status = cf_given(args, "explore") ? explore(&s, args) : selftest(&s, args);
    for (size_t i = 0; i < s.count; i++)
        cf_trial_release(&s.subjects[i].trial);
    free(s.subjects);
    cf_target_release(&s.target);
    cf_http_global_cleanup();
    return status;
}

static const struct cf_example examples[] = {
    {"selftest", "is every bug of the reference implementation caught?"},
    {"selftest --deviation 'accepted-*'", "some of them"},
    {0}};

const struct cf_command cf_command_selftest = {
    .name = "selftest",
    .summary = "certify the suite itself",
    .sentence = "Certify the suite itself, against its reference implementation.",
    .about =
        "The clean reference and every variant must pass without a finding; every deviation\n"
        "must be caught by a case that names the requirement it breaks, and one that breaks a\n"
        "should must fail no must. Exit code 1 when anything is out of place.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};

/* cvm-conformance verify */
#include "cli/certify/bundle.h"
#include "cli/certify/verify.h"
#include "cli/commands.h"
#include "reports/escape.h"

#include <string.h>

static const struct cf_option options[] = {
    {.name = "key",
     .arg = "FILE",
     .help = "public key that must have signed it (Ed25519, PEM); without it, ends 4"},
    {.name = "quiet", .help = "only refusals, and the last line"},
    {0}};

static const struct cf_example examples[] = {
    {"verify conformance-report/certificate",
     "is it consistent? (ends 4: who made it is not proven)"},
    {"verify certificate --key acme.pub.pem", "does it stand, and did Acme sign it?"},
    {0}};

/* Texts of the bundle are foreign ones. */
static void tell_text(const char *text)
{
    struct cf_buf out = {0};
    cf_report_escape_terminal(&out, text, strlen(text), 500);
    printf("%s", cf_buf_text(&out));
    cf_buf_release(&out);
}

static void tell_names(const char *what, const struct cf_list *names)
{
    for (size_t i = 0; i < names->count; i++) {
        printf("%s", i > 0 ? ", " : what);
        tell_text(names->items[i]);
    }
    if (names->count > 0)
        printf("\n");
}

/* Who asked, and who answered. */
static void tell_ends(const struct cf_verification *v)
{
    printf("asked by User-Agent ");
    tell_text(cf_certified_user_agent(&v->profile));
    printf("\n");
    tell_names("answered from ", &v->answerers.addresses);
    tell_names(v->profile.ca_file ? "verified by the profile's own authority "
                                  : "verified by the system's authority ",
               &v->answerers.authorities);
}

/* Whether what was repeated came in another order, as the statement says. */
static void tell_order(const struct cf_verification *v)
{
    if (v->order.cases < 2)
        printf("%zu case%s ran in each repetition: there was no order to change\n", v->order.cases,
               v->order.cases == 1 ? "" : "s");
    else if (v->order.turned <= 0)
        printf("repetitions of %zu cases may have run in one order: they are too few to tell\n",
               v->order.cases);
    else
        printf("each repetition ran its %zu cases in another order: %.0f %% or more of all pairs "
               "the other way round\n",
               v->order.cases, v->order.turned);
}

static void tell_good(const struct cf_verification *v)
{
    const struct cf_run_info *info = cf_results_info(v->results);
    printf("%zu files are as %s says\n", v->files, CF_BUNDLE_SUMS);
    if (v->key)
        printf("the signature is that of the key\n");
    else
        printf(v->has_envelope ? "the signature was not checked: no --key was given\n"
                               : "it is not signed: who made it is not proven\n");
    printf("what it says of itself: %s\n", info->iut ? info->iut : "?");
    printf("%zu verdicts reached again from the transcripts, %zu from the profile, all the "
           "same (seed %llu, %d repetitions)\n",
           v->judged, v->planned_out, info->seed, info->repeat);
    tell_order(v);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        struct cf_buf line = {0};
        cf_report_put_level(&line, cf_results_summary(v->results), (enum cf_level)level);
        printf("%s\n", cf_buf_text(&line));
        cf_buf_release(&line);
    }
    struct cf_buf names = {0};
    if (cf_report_put_out_of_sight(&names, info))
        printf("Out of sight, so never seen applied: %s\n", cf_buf_text(&names));
    cf_buf_release(&names);
    tell_ends(v);
}

/* Genuine is only what the given key signed: without one nothing ties the bundle to anybody,
 * however well its parts fit together. */
static int tell_result(const struct cf_verification *v, enum cf_certified result)
{
    const char *name = cf_certified_name(result);
    if (v->key)
        printf("%s: genuine, %s\n", v->folder, name);
    else
        printf("%s: consistent, %s: anybody can have made this; it claims %s\n", v->folder,
               v->has_envelope ? "signature not checked" : "unsigned", name);
    if (result == CF_CERTIFIED_FAILED)
        return CF_EXIT_FAILED;
    return v->key ? CF_EXIT_OK : CF_EXIT_UNPROVEN;
}

static int conclude(const struct cf_verification *v, enum cf_certified result, bool quiet)
{
    if (v->findings > CF_FINDINGS_SHOWN_MAX)
        fprintf(stderr, "refused: and %zu more\n", v->findings - CF_FINDINGS_SHOWN_MAX);
    if (v->findings > 0) {
        printf("%s: refused, for %zu reason%s\n", v->folder, v->findings,
               v->findings > 1 ? "s" : "");
        return CF_EXIT_FAILED;
    }
    if (!quiet)
        tell_good(v);
    return tell_result(v, result);
}

static int run(const struct cf_args *args)
{
    struct cf_err err = {0};
    struct cf_key *key = NULL;
    const char *folder = args->operands[0];
    const char *path = cf_text(args, "key", NULL);
    if (!cf_folder_exists(folder))
        return cf_complain("%s is not a folder", folder);
    if (path && cf_key_read_public(&key, path, &err) != CF_OK)
        return cf_complain("%s", err.text);
    struct cf_verification v = {.folder = folder, .key = key};
    enum cf_certified result = cf_verify(&v);
    int status = conclude(&v, result, cf_given(args, "quiet"));
    cf_verification_release(&v);
    cf_key_free(key);
    return status;
}

const struct cf_command cf_command_verify = {
    .name = "verify",
    .summary = "check a certificate, offline",
    .sentence = "Check a certificate, offline.",
    .about =
        "BUNDLE is a certificate folder as run --certify writes it. Its files are held against\n"
        "their sums, its signature against the key, and every verdict is reached again from the\n"
        "transcripts with the case files that it holds. Without --key nothing is proven but that "
        "it\n"
        "is consistent. Exit codes: 0 a certificate that stands and that the key signed, 1 "
        "refused\n"
        "(each reason is told), or it says FAILED, 2 wrong usage, 4 consistent, but no key was\n"
        "given: anybody can have made it.",
    .operands = "BUNDLE",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run};

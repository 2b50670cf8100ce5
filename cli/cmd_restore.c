/* cvm-conformance restore */
#include "cli/at_once.h"
#include "cli/base/case_options.h"
#include "cli/commands.h"
#include "cli/out_folder.h"
#include "cli/put_back.h"
#include "harness/http/client.h"
#include "suites/suites.h"

#include <string.h>

static const struct cf_option options[] = {
    {.name = "profile",
     .arg = "FILE",
     .help = "the run's profile, where the one kept in DIR will not do"},
    {.name = "forget",
     .arg = "CVM",
     .help = "do not put this one back, now or later",
     .repeatable = true},
    {0}};

static bool load_profile(const char *path, const struct cf_snapshots *snapshots,
                         struct cf_profile *out)
{
    struct cf_err err = {0};
    const struct cf_vocabulary *vocabulary = cf_cvm_engine()->vocabulary;
    enum cf_code code = path ? cf_profile_load(out, path, vocabulary, &err)
                             : cf_snapshots_profile(snapshots, vocabulary, out, &err);
    return code == CF_OK || cf_refuse("%s", err.text);
}

/* Another address may be another server, whose CVMs of these names nobody has changed. */
static bool may_be_elsewhere(const struct cf_put_back *job, const struct cf_snapshots *snapshots)
{
    return job->operations == 0 && !job->engine->can_reset(job->profile) &&
           !cf_snapshots_are_of(snapshots, job->profile);
}

static int finish(const struct cf_put_back *job, const struct cf_snapshots *snapshots,
                  struct cf_out_folder *ours)
{
    struct cf_err err = {0};
    if (cf_out_folder_stay(ours, &err))
        cf_complain("%s", err.text);
    const char *folder = ours->path;
    if (may_be_elsewhere(job, snapshots)) {
        cf_complain("nothing had to be put back at %s, which is not where the run was: %s keeps "
                    "what its CVMs were like; if it is the same server, --forget each CVM",
                    job->profile->base_url, folder);
        return job->signal ? CF_EXIT_SIGNAL + job->signal : CF_EXIT_UNJUDGED;
    }
    if (cf_snapshots_write(snapshots, folder, &err) != CF_OK)
        return cf_unwritten(&err);
    if (snapshots->count > 0)
        cf_complain("%zu CVMs are not as they were; %s keeps what they were like", snapshots->count,
                    folder);
    if (job->signal)
        return CF_EXIT_SIGNAL + job->signal;
    return snapshots->count > 0 || job->left.count > 0 ? CF_EXIT_UNJUDGED : CF_EXIT_OK;
}

static int put_back(const struct cf_profile *profile, struct cf_snapshots *snapshots,
                    struct cf_out_folder *folder)
{
    struct cf_err err = {0};
    struct cf_put_back job = {.engine = cf_cvm_engine(), .profile = profile, .out = stdout};
    if (cf_http_global_init(&err) != CF_OK)
        return cf_unwritten(&err);
    enum cf_code code = cf_put_back(&job, snapshots, &err);
    cf_http_global_cleanup();
    if (code != CF_OK)
        cf_complain("%s", err.text);
    int status = code == CF_EINPUT ? CF_EXIT_USAGE : finish(&job, snapshots, folder);
    cf_list_release(&job.left);
    return status == CF_EXIT_OK && code != CF_OK ? CF_EXIT_UNJUDGED : status;
}

static bool forget(const struct cf_args *args, struct cf_snapshots *snapshots, const char *folder)
{
    struct cf_err err = {0};
    for (const char *const *id = cf_texts(args, "forget"); id && *id; id++) {
        if (!cf_snapshots_drop(snapshots, *id))
            return cf_refuse("--forget: %s has no CVM \"%s\" to be put back", folder, *id);
    }
    return !cf_given(args, "forget") || cf_snapshots_write(snapshots, folder, &err) == CF_OK ||
           cf_refuse("%s", err.text);
}

/* The folder is ours: no run is in it. */
static int restore(const struct cf_args *args, struct cf_out_folder *ours)
{
    const char *folder = ours->path;
    struct cf_err err = {0};
    struct cf_snapshots snapshots;
    struct cf_profile profile;
    int status = CF_EXIT_USAGE;
    if (cf_snapshots_read(&snapshots, folder, &err) != CF_OK)
        cf_complain("%s", err.text);
    else if (forget(args, &snapshots, folder) && snapshots.count == 0)
        status = CF_EXIT_OK;
    else if (snapshots.count > 0 &&
             load_profile(cf_text(args, "profile", NULL), &snapshots, &profile)) {
        struct cf_at_once at_once = {.fd = -1};
        status = cf_at_once_take(&at_once, &profile, &snapshots, folder, &err) == CF_OK
                     ? put_back(&profile, &snapshots, ours)
                     : cf_complain("%s", err.text);
        cf_at_once_leave(&at_once);
        cf_profile_release(&profile);
    }
    cf_snapshots_release(&snapshots);
    return status;
}

static int run(const struct cf_args *args)
{
    struct cf_err err = {0};
    struct cf_out_folder folder;
    const char *path = args->operands[0];
    int status = CF_EXIT_USAGE;
    if (!cf_snapshots_are_in(path) && !cf_out_folder_is_one(path))
        return cf_complain("%s is not the folder of a run", path);
    if (!cf_snapshots_are_in(path)) {
        printf("%s: the run left nothing to be put back\n", path);
        return CF_EXIT_OK;
    }
    if (cf_out_folder_have(&folder, path, &err) == CF_OK)
        status = restore(args, &folder);
    else
        cf_complain("%s", err.text);
    cf_out_folder_release(&folder);
    return status;
}

static const struct cf_example examples[] = {
    {"restore conformance-report", "after a run that was killed"},
    {"restore conformance-report --profile acme.json", "with a profile that holds its credential"},
    {"restore conformance-report --forget cvm-3", "that CVM is gone for good"},
    {0}};

const struct cf_command cf_command_restore = {
    .name = "restore",
    .summary = "put back the CVMs that a run left changed",
    .sentence = "Put back the CVMs that the run in DIR left changed.",
    .about =
        "Needs nothing but DIR and the credential, from where the run had it. May be interrupted\n"
        "and called again. Exit codes: 0 every CVM is as it was, 2 wrong usage (nothing was "
        "sent),\n"
        "3 something is as the run left it: each CVM and field is told, 128+n after signal n.",
    .operands = "DIR",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run};

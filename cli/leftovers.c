#include "cli/leftovers.h"
#include "cli/base/command.h"
#include "cli/put_back.h"

#include <string.h>

static enum cf_left put_back(struct cf_leftovers *job, const struct cf_profile *profile,
                             struct cf_snapshots *snapshots)
{
    struct cf_err err = {0};
    struct cf_put_back work = {.engine = job->engine,
                               .profile = profile,
                               .in_child = job->in_child,
                               .context = job->context,
                               .out = stderr};
    if (cf_put_back(&work, snapshots, &err) != CF_OK)
        cf_complain("%s", err.text);
    cf_list_release(&work.left);
    if (cf_snapshots_write(snapshots, job->folder, &err) != CF_OK)
        cf_complain("%s", err.text);
    job->signal = work.signal;
    if (work.signal)
        return CF_LEFT_SIGNAL;
    return snapshots->count == 0 || profile == job->profile ? CF_LEFT_NOTHING : CF_LEFT_SOME;
}

static enum cf_left put_back_of_another(struct cf_leftovers *job, struct cf_snapshots *snapshots)
{
    struct cf_err err = {0};
    struct cf_profile profile;
    if (cf_snapshots_profile(snapshots, job->engine->vocabulary, &profile, &err) != CF_OK) {
        cf_complain("%s", err.text);
        cf_complain("put them back with cvm-conformance restore %s --profile FILE, or give this "
                    "run another folder (--out)",
                    job->folder);
        return CF_LEFT_REFUSED;
    }
    enum cf_left left = put_back(job, &profile, snapshots);
    cf_profile_release(&profile);
    return left;
}

enum cf_left cf_leftovers_put_back(struct cf_leftovers *job, struct cf_snapshots *out_snapshots)
{
    struct cf_err err = {0};
    *out_snapshots = (struct cf_snapshots){0};
    if (!cf_snapshots_are_in(job->folder))
        return CF_LEFT_NOTHING;
    if (cf_snapshots_read(out_snapshots, job->folder, &err) != CF_OK) {
        cf_complain("%s", err.text);
        return CF_LEFT_REFUSED;
    }
    cf_complain("the last run in %s may have left %zu CVMs changed: they are put back first",
                job->folder, out_snapshots->count);
    bool same = job->profile && strcmp(out_snapshots->profile_sha256, job->profile->sha256) == 0;
    return same ? put_back(job, job->profile, out_snapshots)
                : put_back_of_another(job, out_snapshots);
}

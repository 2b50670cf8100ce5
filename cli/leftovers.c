#include "cli/leftovers.h"
#include "cli/at_once.h"
#include "cli/base/command.h"
#include "cli/left_index.h"
#include "cli/put_back.h"

#include <stdlib.h>
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
    struct cf_at_once at_once = {.fd = -1};
    bool ours = cf_at_once_take(&at_once, profile, snapshots, job->ours->path, &err) == CF_OK;
    if (!ours || cf_put_back(&work, snapshots, &err) != CF_OK)
        cf_complain("%s", err.text);
    cf_at_once_leave(&at_once);
    if (!ours)
        return CF_LEFT_REFUSED;
    cf_list_release(&work.left);
    if (cf_out_folder_stay(job->ours, &err))
        cf_complain("%s", err.text);
    if (cf_snapshots_write(snapshots, job->ours->path, &err) != CF_OK)
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
        cf_complain("put them back with cvm-conformance restore %s --profile FILE, or forget them "
                    "(--forget CVM)",
                    job->ours->path);
        return CF_LEFT_REFUSED;
    }
    enum cf_left left = put_back(job, &profile, snapshots);
    cf_profile_release(&profile);
    return left;
}

static enum cf_left put_back_own(struct cf_leftovers *job, struct cf_snapshots *out_snapshots)
{
    struct cf_err err = {0};
    *out_snapshots = (struct cf_snapshots){0};
    if (!cf_snapshots_are_in(job->ours->path))
        return CF_LEFT_NOTHING;
    if (cf_snapshots_read(out_snapshots, job->ours->path, &err) != CF_OK) {
        cf_complain("%s", err.text);
        return CF_LEFT_REFUSED;
    }
    cf_complain("the last run in %s may have left %zu CVMs changed: they are put back first",
                job->ours->path, out_snapshots->count);
    bool same = job->profile && strcmp(out_snapshots->profile_sha256, job->profile->sha256) == 0;
    return same ? put_back(job, job->profile, out_snapshots)
                : put_back_of_another(job, out_snapshots);
}

/* ---- in other folders ---- */

/* Those of a folder that no run is in: another shard's are its own business. */
static enum cf_left put_back_in(const struct cf_leftovers *job, const char *folder, int *out_signal)
{
    struct cf_out_folder lock;
    struct cf_snapshots snapshots = {0};
    struct cf_leftovers there = *job;
    enum cf_left left = CF_LEFT_NOTHING;
    there.ours = &lock;
    if (!cf_snapshots_are_in(folder)) { /* somebody removed them by hand */
        cf_left_index_remove(job->profile->sha256, folder);
        return CF_LEFT_NOTHING;
    }
    if (cf_out_folder_have(&lock, folder, NULL) == CF_OK)
        left = put_back_own(&there, &snapshots);
    cf_out_folder_release(&lock);
    if (left == CF_LEFT_NOTHING && snapshots.count > 0)
        left = CF_LEFT_SOME;
    if (left == CF_LEFT_SOME)
        cf_complain("cvm-conformance restore %s puts them back, or forgets them", folder);
    cf_snapshots_release(&snapshots);
    *out_signal = there.signal;
    return left;
}

/* Whether a run with another profile, such as this one before it was edited, had a CVM of ours. */
static bool is_ours_too(const struct cf_leftovers *job, const char *folder)
{
    struct cf_snapshots theirs;
    bool ours = cf_snapshots_read(&theirs, folder, NULL) == CF_OK &&
                strcmp(theirs.profile_sha256, job->profile->sha256) != 0 &&
                cf_snapshots_common(&theirs, job->profile, NULL);
    cf_snapshots_release(&theirs);
    return ours;
}

static enum cf_left put_back_elsewhere(struct cf_leftovers *job)
{
    struct cf_list folders = {0};
    enum cf_left left = CF_LEFT_NOTHING;
    char *own = realpath(job->ours->path, NULL);
    cf_left_index_list(job->profile->sha256, &folders);
    size_t same = folders.count;
    cf_left_index_list("", &folders);
    for (size_t i = 0; left == CF_LEFT_NOTHING && i < folders.count; i++) {
        if (own && strcmp(folders.items[i], own) != 0 &&
            (i < same || is_ours_too(job, folders.items[i])))
            left = put_back_in(job, folders.items[i], &job->signal);
    }
    free(own);
    cf_list_release(&folders);
    return left;
}

enum cf_left cf_leftovers_put_back(struct cf_leftovers *job, struct cf_snapshots *out_snapshots)
{
    enum cf_left left = put_back_own(job, out_snapshots);
    return left == CF_LEFT_NOTHING && job->profile ? put_back_elsewhere(job) : left;
}

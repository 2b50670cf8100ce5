#include "cli/put_back.h"
#include "harness/base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- what became of one ---- */

static void add_line(struct cf_list *lines, const char *fmt, ...) CF_PRINTF(2, 3);
static void add_line(struct cf_list *lines, const char *fmt, ...)
{
    struct cf_err line = {0}; /* for its care about control bytes */
    char text[CF_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    cf_err_set(&line, CF_OK, "%s", text);
    cf_list_add(lines, line.text);
}

/* Whether everything that the snapshot knows is back: what it does not know is left for good. */
static bool is_back(const char *snapshot, const cJSON *left)
{
    struct cf_json_doc doc;
    bool back = true;
    if (cf_json_parse(&doc, "snapshot", snapshot, strlen(snapshot), 0, NULL) != CF_OK)
        return false;
    const cJSON *values = cf_json_get(doc.root, "values");
    for (const cJSON *field = left->child; field; field = field->next)
        back = back && !cf_json_get(values, field->string);
    cf_json_release(&doc);
    return back;
}

void cf_put_back_note(struct cf_snapshots *snapshots, const struct cf_profile *profile,
                      const struct cf_pool_event *event, struct cf_list *lines)
{
    struct cf_json_doc left;
    const char *id = profile->fixtures[event->index].id;
    const char *snapshot = cf_snapshots_text(snapshots, id);
    if (!event->line ||
        cf_json_parse(&left, "what is left", event->line, event->line_len, 0, NULL) != CF_OK) {
        add_line(lines, "CVM %s could not be put back as it was: %s", id, event->text);
        return;
    }
    for (const cJSON *field = left.root->child; field; field = field->next)
        add_line(lines, "CVM %s: %s is as the run left it: %s", id, field->string,
                 field->valuestring);
    if (snapshot && is_back(snapshot, left.root))
        cf_snapshots_drop(snapshots, id);
    cf_json_release(&left);
}

/* ---- all of them ---- */

struct work {
    struct cf_put_back *job;
    struct cf_snapshots *snapshots;
};

static void on_event(void *context, const struct cf_pool_event *event)
{
    struct work *work = context;
    struct cf_put_back *job = work->job;
    size_t before = job->left.count;
    if (event->kind == CF_EVENT_TROUBLE)
        fprintf(job->out, "%s\n", event->text);
    if (event->kind != CF_EVENT_PUT_BACK)
        return;
    cf_put_back_note(work->snapshots, job->profile, event, &job->left);
    if (job->left.count == before)
        fprintf(job->out, "CVM %s is as it was before the run\n",
                job->profile->fixtures[event->index].id);
    for (size_t i = before; i < job->left.count; i++)
        fprintf(job->out, "%s\n", job->left.items[i]);
    fflush(job->out);
}

static void in_child(void *context)
{
    const struct work *work = context;
    if (work->job->in_child)
        work->job->in_child(work->job->context);
}

/* As profile->fixtures, for the caller to free. The texts are copied by the pool. */
static enum cf_code line_up(const struct cf_profile *profile, const struct cf_snapshots *snapshots,
                            const char ***out, struct cf_err *err)
{
    size_t found = 0;
    *out = cf_alloc_array(profile->fixture_count + 1, sizeof(**out));
    for (size_t i = 0; i < profile->fixture_count; i++) {
        (*out)[i] = cf_snapshots_text(snapshots, profile->fixtures[i].id);
        found += (*out)[i] != NULL;
    }
    if (found == snapshots->count)
        return CF_OK;
    free(*out);
    return cf_err_set(err, CF_EINPUT, "%zu of the CVMs to be put back are not in the profile %s",
                      snapshots->count - found, profile->path);
}

enum cf_code cf_put_back(struct cf_put_back *job, struct cf_snapshots *snapshots,
                         struct cf_err *err)
{
    static const struct cf_plan nothing;
    struct work work = {job, snapshots};
    struct cf_pool_outcome outcome = {0};
    struct cf_pool_options options = {
        .worker = {.base = {.engine = job->engine, .profile = job->profile, .seed = 1},
                   .plan = &nothing},
        .event = on_event,
        .context = &work,
        .in_child = in_child};
    const char **texts;
    enum cf_code code = line_up(job->profile, snapshots, &texts, err);
    if (code != CF_OK)
        return code;
    options.snapshots = texts;
    code = cf_pool_run(&options, &outcome, err);
    job->signal = outcome.signal;
    job->operations = outcome.operations;
    free(texts);
    return code;
}

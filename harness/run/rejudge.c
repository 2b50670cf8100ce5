#include "harness/run/rejudge.h"
#include "harness/base/mem.h"
#include "harness/run/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- running ---- */

static const struct cf_fixture *fixture_of(const struct cf_profile *profile, const char *id)
{
    for (size_t i = 0; i < profile->fixture_count; i++) {
        if (strcmp(profile->fixtures[i].id, id) == 0)
            return &profile->fixtures[i];
    }
    return NULL;
}

/* The CVMs that the record names, one a role and of its kind. */
static enum cf_code find_fixtures(const struct cf_profile *profile, const struct cf_case *one,
                                  const struct cf_case_record *recorded,
                                  const char *fixtures[CF_ROLES_MAX], struct cf_err *err)
{
    if (recorded->cvm_count == 0 && one->role_count > 0)
        return cf_err_set(err, CF_EINPUT, "it was not run (%s), which cannot be worked out again",
                          cf_record_reason(recorded));
    if (recorded->cvm_count != one->role_count)
        return cf_err_set(err, CF_EINPUT, "the record names %zu CVMs, the case wants %zu",
                          recorded->cvm_count, one->role_count);
    for (size_t i = 0; i < one->role_count; i++) {
        const struct cf_fixture *fixture = fixture_of(profile, recorded->cvms[i]);
        if (!fixture || fixture->kind != one->roles[i].kind)
            return cf_err_set(err, CF_EINPUT, "CVM %s is none of the profile's %s ones",
                              recorded->cvms[i], one->roles[i].kind->name);
        fixtures[i] = fixture->id;
    }
    return CF_OK;
}

/* Run it over recorded's exchanges, which are those of the case shares (NULL: its own). */
static enum cf_code run_over(const struct cf_case_setting *setting, const struct cf_case *one,
                             const struct cf_case_record *recorded, const char *shares,
                             struct cf_case_record *out, unsigned *out_end, struct cf_io **out_io,
                             struct cf_err *err)
{
    const char *fixtures[CF_ROLES_MAX] = {NULL};
    enum cf_code code = find_fixtures(setting->profile, one, recorded, fixtures, err);
    if (code != CF_OK)
        return code;
    *out_io = cf_io_replay_new(setting->redactor, recorded);
    const char **failed_on = cf_alloc_array(recorded->failed_on_count, sizeof(*failed_on));
    for (size_t i = 0; i < recorded->failed_on_count; i++)
        failed_on[i] = recorded->failed_on[i];
    struct cf_turn turn = {.attempt = recorded->attempt,
                           .tries = recorded->tries,
                           .failed_on = failed_on,
                           .failed_on_count = recorded->failed_on_count,
                           .failed_at = recorded->failed_at,
                           .forms = (const char *const *)recorded->forms,
                           .form_count = recorded->form_count,
                           .seeks_lock = recorded->seeks_lock,
                           .shares = shares};
    *out_end = cf_case_execute(setting, one, fixtures, turn, *out_io, out);
    free(failed_on);
    return CF_OK;
}

/* Index of the step of that word which begins the part; that of the first step without one. */
static int step_of_part(const struct cf_case *one, const char *part)
{
    int index = 0;
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        if (!part || strcmp(cf_json_text(step, "part", ""), part) == 0)
            return index;
        index++;
    }
    return index;
}

/* What was left out of a whole, it tells in its observation: a case within it may be just that. */
static bool is_whole_for(const struct cf_case_setting *setting, const struct cf_case *one,
                         const struct cf_case_record *recorded)
{
    const struct cf_engine *engine = setting->engine;
    return !recorded->observation ||
           (engine->left_nothing_out && engine->left_nothing_out(one, recorded->observation));
}

bool cf_case_share(const struct cf_case_setting *setting, const struct cf_case *one,
                   const struct cf_case *other, const struct cf_case_record *recorded,
                   struct cf_case_record *out, unsigned *out_end)
{
    struct cf_io *io = NULL;
    if (one->is_within && !is_whole_for(setting, one, recorded))
        return false;
    struct cf_case_record rest = *recorded; /* borrows */
    int first = step_of_part(other, one->from);
    while (one->from && rest.exchange_count > 0 && rest.exchanges[0].step < first) {
        rest.exchanges++;
        rest.exchange_count--;
    }
    if (run_over(setting, one, &rest, recorded->id, out, out_end, &io, NULL) != CF_OK)
        return false;
    bool same = !cf_io_replay_differs(io);
    cf_io_free(io);
    return same && out->verdict != CF_ERROR && out->verdict != CF_INCONCLUSIVE;
}

bool cf_case_judge_over(const struct cf_case_setting *setting, const struct cf_case *one,
                        const struct cf_case_record *recorded, struct cf_case_record *out,
                        unsigned *out_end)
{
    struct cf_io *io = NULL;
    if (run_over(setting, one, recorded, NULL, out, out_end, &io, NULL) != CF_OK)
        return false;
    bool same = cf_io_replay_difference(io) == NULL;
    cf_io_free(io);
    return same;
}

enum cf_code cf_case_rejudge(const struct cf_case_setting *setting, const struct cf_case *one,
                             const struct cf_case_record *recorded, struct cf_case_record *out,
                             struct cf_err *err)
{
    struct cf_io *io = NULL;
    unsigned end = 0;
    if (recorded->shares && (!one->shares || strcmp(recorded->shares, one->shares) != 0))
        return cf_err_set(err, CF_EINPUT, "the record shares what %s did, the case does not",
                          recorded->shares);
    enum cf_code code = run_over(setting, one, recorded, recorded->shares, out, &end, &io, err);
    if (code != CF_OK)
        return code;
    const char *difference = cf_io_replay_difference(io);
    bool turned = out->verdict != recorded->verdict && out->verdict != CF_ERROR;
    if (difference && turned)
        code = cf_err_set(err, CF_EINPUT, "%s; it comes out as %s, recorded is %s", difference,
                          cf_verdict_name(out->verdict), cf_verdict_name(recorded->verdict));
    else if (difference)
        code = cf_err_set(err, CF_EINPUT, "%s", difference);
    cf_io_free(io);
    return code;
}

/* ---- comparing ---- */

/* What is not in both is named as far as it can be named. */
static enum cf_code tell(const char *pointer, const cJSON *now, const cJSON *recorded,
                         struct cf_err *err)
{
    struct cf_buf left = {0};
    struct cf_buf right = {0};
    if (now)
        cf_json_print(&left, now);
    if (recorded)
        cf_json_print(&right, recorded);
    cf_err_set(err, CF_EINPUT, "%.400s: now %.500s, recorded %.500s", pointer,
               now ? cf_buf_text(&left) : "absent", recorded ? cf_buf_text(&right) : "absent");
    cf_buf_release(&left);
    cf_buf_release(&right);
    return CF_EINPUT;
}

static enum cf_code same_node(struct cf_buf *pointer, const cJSON *now, const cJSON *recorded,
                              struct cf_err *err);

static enum cf_code same_child(struct cf_buf *pointer, const char *token, const cJSON *now,
                               const cJSON *recorded, struct cf_err *err)
{
    size_t len = pointer->len;
    cf_json_pointer_add(pointer, token);
    enum cf_code code = same_node(pointer, now, recorded, err);
    pointer->len = len;
    pointer->data[len] = '\0';
    return code;
}

static enum cf_code same_node(struct cf_buf *pointer, const cJSON *now, const cJSON *recorded,
                              struct cf_err *err)
{
    enum cf_code code = CF_OK;
    int index = 0;
    bool object = cJSON_IsObject(now) && cJSON_IsObject(recorded);
    bool array = cJSON_IsArray(now) && cJSON_IsArray(recorded);
    if (!object && !array)
        return now && recorded && cf_json_equal(now, recorded)
                   ? CF_OK
                   : tell(cf_buf_text(pointer), now, recorded, err);
    const cJSON *left = now->child;
    const cJSON *right = recorded->child;
    for (; code == CF_OK && (left || right); index++) {
        char digits[16];
        snprintf(digits, sizeof(digits), "%d", index);
        const char *token = array ? digits : left ? left->string : right->string;
        bool same_name = array || !left || !right || strcmp(left->string, right->string) == 0;
        code = same_child(pointer, token, left, same_name ? right : NULL, err);
        left = left ? left->next : NULL;
        right = right ? right->next : NULL;
    }
    return code;
}

/* What is written in the same way in both, byte for byte, need not be written to be compared. */
static void leave_out_same(struct cf_body *a, struct cf_body *b)
{
    bool same = a->bytes && b->bytes && a->len == b->len && !a->sha256 && !b->sha256 &&
                memcmp(a->bytes, b->bytes, a->len) == 0;
    if (same)
        *a = *b = (struct cf_body){.bytes = NULL};
}

/* Copies that borrow, without times and without the bodies that both have. */
static void make_comparable(struct cf_case_record *a, struct cf_case_record *b)
{
    struct cf_case_record *both[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        struct cf_case_record *record = both[i];
        const struct cf_exchange *exchanges = record->exchanges;
        record->started_at = NULL;
        record->duration_ms = 0;
        record->exchanges = cf_alloc_array(record->exchange_count, sizeof(*exchanges));
        for (size_t e = 0; e < record->exchange_count; e++)
            record->exchanges[e] = exchanges[e];
    }
    for (size_t e = 0; e < a->exchange_count && a->exchange_count == b->exchange_count; e++) {
        leave_out_same(&a->exchanges[e].request_body, &b->exchanges[e].request_body);
        leave_out_same(&a->exchanges[e].response_body, &b->exchanges[e].response_body);
    }
}

/* What is written in another way may say the same. */
static enum cf_code same_json(const struct cf_buf *now, const struct cf_buf *recorded,
                              struct cf_err *err)
{
    struct cf_json_doc left = {0};
    struct cf_json_doc right = {0};
    struct cf_buf pointer = {0};
    enum cf_code code = cf_json_parse(&left, "record", cf_buf_text(now), now->len, 0, err);
    if (code == CF_OK)
        code = cf_json_parse(&right, "record", cf_buf_text(recorded), recorded->len, 0, err);
    if (code == CF_OK)
        code = same_node(&pointer, left.root, right.root, err);
    cf_json_release(&left);
    cf_json_release(&right);
    cf_buf_release(&pointer);
    return code;
}

enum cf_code cf_case_record_same(const struct cf_case_record *now,
                                 const struct cf_case_record *recorded, struct cf_err *err)
{
    struct cf_buf left = {0};
    struct cf_buf right = {0};
    struct cf_case_record a = *now;
    struct cf_case_record b = *recorded;
    make_comparable(&a, &b);
    /* One representation for both: texts that no JSON string can hold are changed by writing. */
    cf_case_record_write(&left, &a);
    cf_case_record_write(&right, &b);
    free(a.exchanges);
    free(b.exchanges);
    bool equal = left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
    enum cf_code code = equal ? CF_OK : same_json(&left, &right, err);
    cf_buf_release(&left);
    cf_buf_release(&right);
    return code;
}

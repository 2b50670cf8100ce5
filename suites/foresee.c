#include "suites/foresee.h"
#include "suites/new_values.h"
#include "suites/withheld.h"

#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/case/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64, SOMETHING_SEEN = 1 << CF_CVM_FIELD_COUNT };

/* What cases of the same steps have in common. */
struct common {
    struct {
        const char *name;
        const cJSON *value;
    } names[NAMES_MAX]; /* of let steps so far, the latest last */
    size_t count;
};

/* Of one case. */
struct foresight {
    const struct common *common;
    const struct cf_profile *profile;
    const struct cf_case *one;
    struct cf_foreseen *out;
    int depth; /* of references inside references */
    int text_depth;
    bool harmless;  /* was asked about: the answer is the whole case's */
    bool malformed; /* a reference in its row is: nothing more is foreseen */
};

/* What is asked of a step, looked up once for all cases. */
struct step {
    const char *there_and_back;
    const cJSON *seen; /* what is expected to be read */
    bool even_unseen;
    const cJSON *body; /* of an update of settings: as JSON */
    const char *text;  /* or as text */
};

static void decide(struct foresight *f, enum cf_verdict verdict, const char *before,
                   const char *name, const char *after)
{
    if (f->out->verdict != CF_PASS)
        return;
    f->out->verdict = verdict;
    snprintf(f->out->reason, sizeof(f->out->reason), "%s%s%s", before, name, after);
}

/* ---- which fields an object has, before it is filled in ---- */

static unsigned fields_of(struct foresight *f, const cJSON *node);

static const cJSON *named(const struct foresight *f, const char *name)
{
    const struct common *common = f->common;
    for (size_t i = common->count; i > 0; i--) {
        if (strcmp(common->names[i - 1].name, name) == 0)
            return common->names[i - 1].value;
    }
    return NULL;
}

/* A field the case moves: kept where it is one of few, or can be moved and read. */
static unsigned changed_fields(const struct foresight *f, const char *names)
{
    unsigned fields = cf_cvm_change_fields(names, f->one->row);
    bool many = cf_cvm_change_is_of_many(fields);
    for (int i = 0; many && i < CF_CVM_FIELD_COUNT; i++) {
        if ((fields >> i & 1) && cf_cvm_change_leaves_out(f->profile, i))
            fields &= ~(1u << i);
    }
    return fields;
}

static unsigned fields_of_reference(struct foresight *f, const char *name)
{
    const cJSON *value = named(f, name);
    if (strncmp(name, "change.", 7) == 0)
        return changed_fields(f, name + 7);
    if (!value && strncmp(name, "row.", 4) == 0)
        value = cf_json_get(f->one->row, name + 4);
    if (!value || f->depth > 8)
        return SOMETHING_SEEN;
    f->depth++;
    unsigned fields = fields_of(f, value);
    f->depth--;
    return fields;
}

/* "${NAME}" and nothing else: NAME in out. */
static bool whole_reference(const char *text, char *out, size_t out_size)
{
    size_t len = strlen(text);
    if (len < 4 || len - 2 > out_size || strncmp(text, "${", 2) != 0 ||
        strchr(text, '}') != text + len - 1)
        return false;
    memcpy(out, text + 2, len - 3);
    out[len - 3] = '\0';
    return true;
}

static unsigned field_of_member(const struct foresight *f, const char *key)
{
    char name[80];
    const char *field = key;
    if (whole_reference(key, name, sizeof(name)))
        field = strncmp(name, "row.", 4) == 0 ? cf_json_text(f->one->row, name + 4, "") : "";
    int index = cf_cvm_field_index(field);
    return index >= 0 ? 1u << index : SOMETHING_SEEN;
}

static unsigned fields_of(struct foresight *f, const cJSON *node)
{
    char name[80];
    unsigned fields = 0;
    if (cJSON_IsString(node))
        return whole_reference(node->valuestring, name, sizeof(name)) ? fields_of_reference(f, name)
                                                                      : SOMETHING_SEEN;
    if (!cJSON_IsObject(node))
        return SOMETHING_SEEN;
    for (const cJSON *member = node->child; member; member = member->next)
        fields |= field_of_member(f, member->string);
    return fields;
}

/* ---- what a step needs ---- */

#define UNMAPPED " cannot be observed: the profile does not say where to read it"

static void need_reading(struct foresight *f, const char *name)
{
    int index = cf_cvm_field_index(name);
    if (cf_profile_out_of_sight(f->profile, name))
        decide(f, CF_NOT_APPLICABLE, "", name, " is out of sight");
    else if (index >= 0 && !cf_cvm_reading_maps_field(f->profile, index))
        decide(f, CF_INCONCLUSIVE, "", name, UNMAPPED);
}

static void need_sight(struct foresight *f, const struct step *step)
{
    unsigned fields = fields_of(f, step->seen);
    const char *first = NULL; /* that is out of sight */
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        if (!(fields >> i & 1))
            continue;
        if (!cf_profile_out_of_sight(f->profile, name)) {
            fields |= SOMETHING_SEEN;
            need_reading(f, name);
        } else if (!first) {
            first = name;
        }
    }
    if (first && !(fields & SOMETHING_SEEN) && !step->even_unseen)
        decide(f, CF_NOT_APPLICABLE, "", first, " is out of sight");
}

static void need_movement(struct foresight *f, const char *name)
{
    int index = cf_cvm_field_index(name);
    if (index < 0)
        return;
    if (cf_cvm_fields[index].needs_values && cf_profile_values_none(f->profile, name))
        decide(f, CF_NOT_APPLICABLE, "", name, " is left alone: its pixit.values are empty");
    if (cf_cvm_fields[index].needs_values && !cf_profile_values(f->profile, name))
        decide(f, CF_INCONCLUSIVE, "the profile lists no pixit.values.", name, " to move between");
    if (cf_profile_moves_up(f->profile, name) && cf_profile_out_of_sight(f->profile, name))
        decide(f, CF_NOT_APPLICABLE, "", name,
               " moves up only, and how far it has come is out of sight");
}

static void need_harmless(struct foresight *f)
{
    struct cf_buf why = {0};
    bool applicable = true;
    if (f->harmless)
        return;
    f->harmless = true;
    if (cf_cvm_harmless_none(f->profile, f->one, &why, &applicable))
        decide(f, applicable ? CF_INCONCLUSIVE : CF_NOT_APPLICABLE, cf_buf_text(&why), "", "");
    cf_buf_release(&why);
}

static void need_change(struct foresight *f, const char *names)
{
    unsigned fields = cf_cvm_change_fields(names, f->one->row);
    if (cf_cvm_change_may_be_none(names))
        return;
    bool none = changed_fields(f, names) == 0;
    if (none && cf_cvm_change_never(f->profile, fields))
        decide(f, CF_NOT_APPLICABLE, CF_CVM_CHANGE_NEVER, "", "");
    if (none)
        decide(f, CF_INCONCLUSIVE, "", "",
               "none of these fields has pixit.values to move between and can be observed");
    for (int i = 0; !cf_cvm_change_is_of_many(fields) && i < CF_CVM_FIELD_COUNT; i++) {
        if (fields >> i & 1)
            need_movement(f, cf_cvm_fields[i].name);
    }
}

static enum cf_code need_value(void *context, const cJSON *holder, const char *name,
                               struct cf_err *err)
{
    struct foresight *f = context;
    const cJSON *row = cf_name_begins(name, "row.") ? cf_json_get(f->one->row, name + 4) : NULL;
    (void)holder;
    if (cf_name_begins(name, "another."))
        need_movement(f, name + 8);
    else if (cf_name_begins(name, "change."))
        need_change(f, name + 7);
    else if (cf_name_begins(name, "falsy.") || cf_name_begins(name, "least."))
        need_change(f, name + 6);
    else if (cf_name_begins(name, "most."))
        need_change(f, name + 5);
    else if (cf_name_begins(name, "harmless"))
        need_harmless(f);
    else if (cf_name_begins(name, "now."))
        need_reading(f, name + 4);
    if (!row || f->depth > 8)
        return CF_OK;
    f->depth++;
    enum cf_code code = cf_expand_each_reference(row, need_value, f, err);
    f->depth--;
    return code;
}

static void need_way_back(struct foresight *f, const struct step *step)
{
    char name[80];
    const char *field = step->there_and_back;
    if (whole_reference(field, name, sizeof(name)) && strncmp(name, "row.", 4) == 0)
        field = cf_json_text(f->one->row, name + 4, "");
    if (cf_profile_moves_up(f->profile, field))
        decide(f, CF_NOT_APPLICABLE, "", field, " moves up only");
}

/* ---- what could not be put back ---- */

/* What a member's value is before it is filled in; NULL: a reference to what is not known yet. */
static const cJSON *value_before(const struct foresight *f, const cJSON *node)
{
    char name[80];
    for (int i = 0; i < 8; i++) {
        if (!cJSON_IsString(node) || !strstr(node->valuestring, "${"))
            return node;
        if (!whole_reference(node->valuestring, name, sizeof(name)))
            break;
        node = strncmp(name, "row.", 4) == 0 ? cf_json_get(f->one->row, name + 4) : named(f, name);
    }
    return NULL;
}

static void need_way_home_of(struct foresight *f, const cJSON *member)
{
    char name[80];
    const char *key = member->string;
    const cJSON *value = value_before(f, member);
    if (whole_reference(key, name, sizeof(name)) && strncmp(name, "row.", 4) == 0)
        key = cf_json_text(f->one->row, name + 4, "");
    int index = cf_cvm_field_index(key);
    const char *why = index < 0 ? NULL : cf_cvm_withheld_why(f->profile, index);
    if (!why || (value && !cf_cvm_withheld_may_be_taken(index, value)))
        return;
    char text[200];
    snprintf(text, sizeof(text), " is left alone: %s, and its pixit.values %s", why,
             cf_profile_values_none(f->profile, key) ? "are empty" : "list nothing to put back");
    decide(f, cf_profile_values_none(f->profile, key) ? CF_NOT_APPLICABLE : CF_INCONCLUSIVE, "",
           key, text);
}

/* A text body with what the row gives, and a number for what is not known yet. */
static void put_text_before(const struct foresight *f, const char *text, struct cf_buf *out)
{
    for (const char *open; (open = strstr(text, "${")) != NULL && strchr(open, '}');) {
        char name[80];
        const char *close = strchr(open, '}');
        cf_buf_append(out, text, (size_t)(open - text));
        snprintf(name, sizeof(name), "%.*s", (int)(close - open) - 2, open + 2);
        const cJSON *value =
            strncmp(name, "row.", 4) == 0 ? cf_json_get(f->one->row, name + 4) : NULL;
        if (cJSON_IsString(value) && f->text_depth < 4) {
            struct foresight inner = *f;
            inner.text_depth++;
            put_text_before(&inner, value->valuestring, out);
        } else {
            cf_buf_puts(out, strcmp(name, "harmless.member") == 0 ? "\"_\": 0" : "0");
        }
        text = close + 1;
    }
    cf_buf_puts(out, text);
}

/* As cf_cvm_withhold(), of what the profile alone decides. */
static void need_way_home(struct foresight *f, const struct step *step)
{
    struct cf_json_doc doc = {0};
    struct cf_buf filled = {0};
    const cJSON *body = NULL;
    if (step->text)
        put_text_before(f, step->text, &filled);
    if (step->body)
        body = value_before(f, step->body);
    else if (cf_json_parse(&doc, "body", cf_buf_text(&filled), filled.len, 0, NULL) == CF_OK)
        body = doc.root;
    for (const cJSON *member = cJSON_IsObject(body) ? body->child : NULL; member;
         member = member->next)
        need_way_home_of(f, member);
    cf_json_release(&doc);
    cf_buf_release(&filled);
}

/* ---- the steps, one after the other, for all cases ---- */

struct foresights {
    struct common common;
    struct foresight *items;
    size_t count;
};

/* The first thing that is known of a case stands, so that no more is asked of it. */
static bool is_open(const struct foresight *f)
{
    return f->out->verdict == CF_PASS && !f->malformed;
}

typedef void need_fn(struct foresight *f, const struct step *step);

static void each_open(struct foresights *all, need_fn *need, const struct step *step)
{
    for (size_t i = 0; i < all->count; i++) {
        if (is_open(&all->items[i]))
            need(&all->items[i], step);
    }
}

static enum cf_code need_value_in_all(void *context, const cJSON *holder, const char *name,
                                      struct cf_err *err)
{
    struct foresights *all = context;
    for (size_t i = 0; i < all->count; i++) {
        struct foresight *f = &all->items[i];
        if (is_open(f) && need_value(f, holder, name, err) != CF_OK)
            f->malformed = true;
    }
    return CF_OK;
}

static struct step look_at(const cJSON *step)
{
    bool updates = strcmp(cf_json_text(step, "request", ""), "update-cvm") == 0;
    const cJSON *change = cf_json_get(step, "expect_change");
    return (struct step){.there_and_back = cf_json_text(step, "there_and_back", NULL),
                         .seen = change ? change : cf_json_get(step, "expect_value"),
                         .even_unseen = cf_json_bool(step, "even_unseen", false),
                         .body = updates ? cf_json_get(step, "json") : NULL,
                         .text = updates ? cf_json_text(step, "text", NULL) : NULL};
}

static void remember(struct common *common, const cJSON *step)
{
    const cJSON *let = cf_json_get(step, "let");
    const cJSON *value;
    cJSON_ArrayForEach(value, let)
    {
        if (common->count < NAMES_MAX) {
            common->names[common->count].name = value->string;
            common->names[common->count++].value = value;
        }
    }
}

static void foresee_step(struct foresights *all, const cJSON *node)
{
    struct cf_err ignored = {0}; /* malformed references, which the loader has told of */
    struct step step = look_at(node);
    if (step.there_and_back)
        each_open(all, need_way_back, &step);
    if (cf_expand_each_reference(node, need_value_in_all, all, &ignored) != CF_OK)
        return;
    if (step.seen)
        each_open(all, need_sight, &step);
    if (step.body || step.text)
        each_open(all, need_way_home, &step);
    remember(&all->common, node);
}

void cf_cvm_foresee(struct cf_foreseen *cases, size_t count, const struct cf_profile *profile)
{
    struct foresights all = {.items = cf_alloc_array(count, sizeof(*all.items)), .count = count};
    for (size_t i = 0; i < count; i++)
        all.items[i] = (struct foresight){
            .common = &all.common, .profile = profile, .one = cases[i].one, .out = &cases[i]};
    const cJSON *step;
    cJSON_ArrayForEach(step, cases->one->steps)
    {
        if (strcmp(cf_json_text(step, "when", ""), "shared") != 0) /* it may have to stand alone */
            foresee_step(&all, step);
    }
    free(all.items);
}

/*
 * {"in_parts": NAME}: the value of that name was sent as an update, and refused where the IUT has a
 * rule against one of its fields. Then each field is sent alone, and the name means those that were
 * taken: a rule about one field must not hide what becomes of the others. "own" names those of them
 * that the case is about, and comes to mean those that were taken.
 *
 * With "instead": another value, of which the one that was refused has some fields in an odd form,
 * or besides. The update is sent again with some, and at last with all, of these fields as they are
 * there, which costs nothing as long as it is refused; the name means what was taken. A compose
 * hash to register is taken too; an operation that fails is held against the odd fields.
 */
#include "harness/case/shape.h"
#include "suites/settle.h"
#include "suites/words.h"

#include <stdio.h>

/* What a rule of the IUT's own, or of the gateway before it, is answered with: none of what says
 * that something else is in the way. */
static bool is_rule(int status)
{
    bool in_the_way =
        status == 401 || status == 403 || status == 404 || status == 409 || status == 429;
    return status >= 400 && status <= 431 && !in_the_way;
}

/* ---- each field alone ---- */

/* Wait for the operation of the update that was just taken. False when the case has its verdict; an
 * operation that failed, as all do in every try, is to be judged by what it should have applied. */
static bool ends(struct cf_case_run *run)
{
    struct cf_cvm_reading reading;
    snprintf(cf_cvm_memory_of(run)->correlation[0], CF_CVM_CORRELATION_BYTES, "%s",
             cf_json_text(run->last.json, "correlation_id", ""));
    enum cf_cvm_settled end = cf_cvm_settle_role_or_failed(run, 0, false, &reading);
    if (end != CF_CVM_SETTLED && end != CF_CVM_SETTLED_FAILED)
        return false;
    cf_cvm_reading_release(&reading);
    return true;
}

/* Send one field. True when it was taken, and its operation is over. */
static bool part_is_taken(struct cf_case_run *run, const cJSON *field)
{
    struct cf_err err = {0};
    struct cf_buf text = {0};
    cJSON *body = cJSON_CreateObject();
    cJSON_AddItemToObject(body, field->string, cJSON_Duplicate(field, 1));
    cf_json_print(&text, body);
    enum cf_code code = cf_run_send_json(run, "update-cvm, one field", "update-cvm",
                                         run->fixtures[0], cf_buf_text(&text), &err);
    cJSON_Delete(body);
    cf_buf_release(&text);
    if (code != CF_OK) {
        cf_run_no_answer(run, code, &err);
        return false;
    }
    int status = run->last.exchange->status;
    if (status / 100 != 2 && !is_rule(status))
        cf_run_inconclusive(run, "an update of %s alone is answered %d", field->string, status);
    if (status / 100 != 2)
        return false;
    return ends(run);
}

static cJSON *parts_taken(struct cf_case_run *run, const cJSON *asked)
{
    cJSON *taken = cJSON_CreateObject();
    for (const cJSON *field = asked->child; field && !run->over; field = field->next) {
        if (part_is_taken(run, field))
            cJSON_AddItemToObject(taken, field->string, cJSON_Duplicate(field, 1));
    }
    return taken;
}

/* Give the name those of its members that were taken. */
static void narrow(struct cf_case_run *run, const char *name, const cJSON *taken)
{
    cJSON *left = cJSON_CreateObject();
    const cJSON *field;
    cJSON_ArrayForEach(field, cf_json_get(run->vars, name))
    {
        if (cf_json_get(taken, field->string))
            cJSON_AddItemToObject(left, field->string, cJSON_Duplicate(field, 1));
    }
    cf_run_set(run, name, left);
}

/* ---- with some fields in another form ---- */

enum { ODD_FIELDS_MAX = 4 };

/* The fields of a value that differ in another one, or that it lacks. */
struct odd {
    const cJSON *asked, *plain;
    const char *names[ODD_FIELDS_MAX];
    unsigned count;
};

static void odd_init(struct odd *odd, const cJSON *asked, const cJSON *plain)
{
    const cJSON *field;
    *odd = (struct odd){.asked = asked, .plain = plain};
    cJSON_ArrayForEach(field, asked)
    {
        if (odd->count < ODD_FIELDS_MAX && !cf_json_equal(field, cf_json_get(plain, field->string)))
            odd->names[odd->count++] = field->string;
    }
}

static unsigned size_of(unsigned set)
{
    unsigned size = 0;
    for (; set > 0; set &= set - 1)
        size++;
    return size;
}

/* The set after this one: all of a size, then those that are larger by one. */
static unsigned next_set(const struct odd *odd, unsigned set)
{
    unsigned all = (1U << odd->count) - 1;
    unsigned size = size_of(set);
    do {
        size += set == all;
        set = set == all ? 0 : set + 1;
    } while (size_of(set) != size);
    return set;
}

/* What was asked for, with the fields of this set as they are in the other value, if they are. */
static cJSON *with_plain(const struct odd *odd, unsigned set)
{
    cJSON *body = cJSON_Duplicate(odd->asked, 1);
    for (unsigned i = 0; i < odd->count; i++) {
        const cJSON *plain = cf_json_get(odd->plain, odd->names[i]);
        if (!(set & (1U << i)))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(body, odd->names[i]);
        if (plain)
            cJSON_AddItemToObject(body, odd->names[i], cJSON_Duplicate(plain, 1));
    }
    return body;
}

enum outcome { REFUSED, FAILED, TAKEN };

/* What became of the update that was just answered. */
static enum outcome outcome_of(struct cf_case_run *run)
{
    int status = run->last.exchange->status;
    if (status == 465)
        return TAKEN;
    if (status / 100 != 2)
        return REFUSED;
    return cf_cvm_has_failed(run, 0) ? FAILED : TAKEN;
}

/* Send it; its answer is remembered as that of a step would be. */
static enum outcome send_whole(struct cf_case_run *run, const cJSON *body)
{
    struct cf_err err = {0};
    struct cf_buf text = {0};
    cf_json_print(&text, body);
    enum cf_code code = cf_run_send_json(run, "update-cvm, some fields otherwise", "update-cvm",
                                         run->fixtures[0], cf_buf_text(&text), &err);
    cf_buf_release(&text);
    if (code != CF_OK) {
        cf_run_no_answer(run, code, &err);
        return FAILED;
    }
    cJSON *step = cJSON_CreateObject();
    cJSON_AddItemToObject(step, "json", cJSON_Duplicate(body, 1));
    cf_cvm_memory_answered(run, step, &run->last);
    cJSON_Delete(step);
    return outcome_of(run);
}

/* Give the name what is taken in the end. True where something was. */
static bool some_form_is_taken(struct cf_case_run *run, const char *name, const cJSON *plain)
{
    struct odd odd;
    cJSON *asked = cJSON_Duplicate(cf_json_get(run->vars, name), 1);
    odd_init(&odd, asked, plain);
    unsigned all = (1U << odd.count) - 1;
    unsigned set = 0;
    enum outcome outcome = outcome_of(run);
    while (outcome != TAKEN && set != all && !run->over &&
           (outcome == FAILED || is_rule(run->last.exchange->status))) {
        set = outcome == FAILED ? all : next_set(&odd, set);
        cJSON *body = with_plain(&odd, set);
        if (body->child)
            outcome = send_whole(run, body);
        else
            cf_run_not_applicable(run, "the value is against a rule of the server's own");
        cf_run_set(run, name, body);
    }
    cJSON_Delete(asked);
    return outcome == TAKEN;
}

static void run_parts(struct cf_case_run *run, const cJSON *step)
{
    const char *name = cf_json_get(step, "in_parts")->valuestring;
    const char *own = cf_json_text(step, "own", name);
    const char *instead = cf_json_text(step, "instead", NULL);
    if (instead && run->last.exchange &&
        (some_form_is_taken(run, name, cf_json_get(run->vars, instead)) || run->over))
        return;
    const cJSON *asked = cf_json_get(run->vars, name);
    int status = run->last.exchange ? run->last.exchange->status : 0;
    if (status / 100 == 2)
        return;
    if (!is_rule(status) || !cJSON_IsObject(asked)) {
        if (!run->last.exchange || !cf_run_put_off(run, run->last.exchange, "the update"))
            cf_run_inconclusive(run, "the update is answered %d", status);
        return;
    }
    bool several = asked->child && asked->child->next;
    cJSON *taken = several ? parts_taken(run, asked) : cJSON_CreateObject();
    narrow(run, name, taken);
    narrow(run, own, taken);
    if (!cf_json_get(run->vars, own)->child)
        cf_run_not_applicable(
            run, "the value is against a rule of the server's own: PATCH is answered %d", status);
    cJSON_Delete(taken);
}

static enum cf_code check_member(const struct cf_json_doc *doc, const cJSON *step,
                                 const char *member, const char *path, struct cf_err *err)
{
    const cJSON *name = cf_json_get(step, member);
    return name ? cf_shape_line(doc, name, path, 64, err) : CF_OK;
}

static enum cf_code check_parts(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    enum cf_code code = check_member(doc, step, "in_parts", path, err);
    if (code == CF_OK)
        code = check_member(doc, step, "own", path, err);
    return code == CF_OK ? check_member(doc, step, "instead", path, err) : code;
}

const struct cf_step_word cf_cvm_word_in_parts = {
    {"in_parts", NULL, (const char *const[]){"own", "instead", NULL}, .check = check_parts},
    run_parts,
    false};

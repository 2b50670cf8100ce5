#include "suites/short_forms.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 60, PATH_BYTES = 200 };

/* "${NAME}", "${NAME.transaction}" */
static cJSON *reference(const char *before, const char *name, const char *after)
{
    char text[NAME_MAX_BYTES + 40];
    snprintf(text, sizeof(text), "${%s%s%s}", before, name, after);
    return cJSON_CreateString(text);
}

/* The node of a name becomes a reference to it. */
static cJSON *into_reference(cJSON *name)
{
    char text[NAME_MAX_BYTES + 4];
    snprintf(text, sizeof(text), "${%s}", name->valuestring);
    cJSON_SetValuestring(name, text);
    return name;
}

static enum cf_code check_name(const struct cf_json_doc *doc, const cJSON *name, const char *path,
                               struct cf_err *err)
{
    enum cf_code code = cf_shape_line(doc, name, path, NAME_MAX_BYTES, err);
    if (code == CF_OK && strpbrk(name->valuestring, "${}"))
        return cf_json_fault(doc, name, err, "%s: the name of a hash, not a reference to it", path);
    return code;
}

/* ---- hooks about a hash ---- */

static const struct hook_word {
    const char *word;
    const char *hook;
    bool gives_transaction;
} hook_words[] = {
    {"register", "register-compose-hash", true},
    {"unregister", "unregister-compose-hash", false},
    {"expire", "expire-compose-hash", false},
};

static cJSON *inputs_of(const char *role, cJSON *name)
{
    cJSON *inputs = cJSON_CreateObject();
    cJSON_AddItemToObject(inputs, "cvm_id", reference("fixture.", role, ""));
    cJSON_AddItemToObject(inputs, "app_id", cJSON_CreateString("${now.app_id}"));
    cJSON_AddItemToObject(inputs, "compose_hash", into_reference(name));
    return inputs;
}

static enum cf_code write_out_hook(const struct cf_json_doc *doc, cJSON *step,
                                   const struct hook_word *word, const char *role, const char *path,
                                   struct cf_err *err)
{
    char variable[NAME_MAX_BYTES + 20];
    const cJSON *by = word->gives_transaction ? cf_json_get(step, "by") : NULL;
    enum cf_code code = check_name(doc, cf_json_get(step, word->word), path, err);
    if (code == CF_OK && by)
        code = cf_shape_line(doc, by, path, NAME_MAX_BYTES, err);
    if (code != CF_OK)
        return code;
    cJSON *name = cJSON_DetachItemFromObjectCaseSensitive(step, word->word);
    cJSON *hook =
        by ? cJSON_DetachItemFromObjectCaseSensitive(step, "by") : cJSON_CreateString(word->hook);
    snprintf(variable, sizeof(variable), "%s.transaction", name->valuestring);
    cJSON_AddItemToObject(step, "hook", hook);
    cJSON_AddItemToObject(step, "with", inputs_of(role, name));
    if (word->gives_transaction) {
        cJSON *capture = cJSON_AddObjectToObject(step, "capture");
        cJSON_AddItemToObject(capture, variable, cJSON_CreateString("transaction_hash"));
    }
    return CF_OK;
}

/* ---- members of a request ---- */

static enum cf_code check_script(const struct cf_json_doc *doc, const cJSON *request,
                                 const char *path, struct cf_err *err)
{
    static const char *const bodies[] = {"json", "text", "hex", "multipart"};
    const cJSON *script = cf_json_get(request, "script");
    if (!script)
        return CF_OK;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        if (cf_json_get(request, bodies[i]))
            return cf_json_fault(doc, script, err, "%s: more than one of script, %s", path,
                                 bodies[i]);
    }
    return cf_shape_type(doc, script, path, "string", err);
}

static enum cf_code check_proof(const struct cf_json_doc *doc, const cJSON *request,
                                const char *path, struct cf_err *err)
{
    const cJSON *proof = cf_json_get(request, "proof");
    const cJSON *headers = cf_json_get(request, "headers");
    const cJSON *transaction = cf_json_get(request, "transaction");
    if (!proof)
        return transaction
                   ? cf_json_fault(doc, transaction, err, "%s: transaction without a proof", path)
                   : CF_OK;
    if (headers && !cJSON_IsObject(headers))
        return cf_json_fault(doc, headers, err, "%s: headers beside a proof are an object", path);
    const cJSON *h;
    cJSON_ArrayForEach(h, headers)
    {
        if (strcmp(h->string, "X-Compose-Hash") == 0 ||
            strcmp(h->string, "X-Transaction-Hash") == 0)
            return cf_json_fault(doc, h, err, "%s: %s beside a proof", path, h->string);
    }
    if (transaction && !cJSON_IsString(transaction))
        return cf_shape_type(doc, transaction, path, "string", err);
    return check_name(doc, proof, path, err);
}

/* The node that held the script holds the part's content. */
static void put_script(cJSON *request, cJSON *script)
{
    cJSON *multipart = cJSON_CreateObject();
    cJSON *parts = cJSON_AddArrayToObject(multipart, "parts");
    cJSON *part = cJSON_CreateObject();
    cJSON_AddStringToObject(part, "name", "file");
    cJSON_AddStringToObject(part, "filename", "pre-launch.sh");
    cJSON_AddStringToObject(part, "type", "application/octet-stream");
    cJSON_AddItemToObject(part, "content", script);
    cJSON_AddItemToArray(parts, part);
    cJSON_AddItemToObject(request, "multipart", multipart);
}

/* The proof comes before the request's other headers. */
static void put_proof(cJSON *request, cJSON *proof, cJSON *transaction, cJSON *headers)
{
    cJSON *all = headers ? headers : cJSON_CreateObject();
    int others = cJSON_GetArraySize(all);
    if (!transaction)
        transaction = reference("", proof->valuestring, ".transaction");
    cJSON_AddItemToObject(all, "X-Compose-Hash", into_reference(proof));
    cJSON_AddItemToObject(all, "X-Transaction-Hash", transaction);
    while (others-- > 0)
        cJSON_AddItemToArray(all, cJSON_DetachItemViaPointer(all, all->child));
    cJSON_AddItemToObject(request, "headers", all);
}

/* In place, so that values are drawn in the order in which the members were written. */
static enum cf_code write_out_request(const struct cf_json_doc *doc, cJSON *request,
                                      const char *path, struct cf_err *err)
{
    enum cf_code code = check_script(doc, request, path, err);
    if (code == CF_OK)
        code = check_proof(doc, request, path, err);
    if (code != CF_OK)
        return code;
    const cJSON *script = cf_json_get(request, "script");
    const cJSON *proof = cf_json_get(request, "proof");
    if (!script && !proof)
        return CF_OK;
    cJSON *transaction = cJSON_DetachItemFromObjectCaseSensitive(request, "transaction");
    cJSON *headers = proof ? cJSON_DetachItemFromObjectCaseSensitive(request, "headers") : NULL;
    for (int left = cJSON_GetArraySize(request); left > 0; left--) {
        cJSON *member = cJSON_DetachItemViaPointer(request, request->child);
        if (member == script)
            put_script(request, member);
        else if (member == proof)
            put_proof(request, member, transaction, headers);
        else
            cJSON_AddItemToArray(request, member);
    }
    return CF_OK;
}

/* ---- a case ---- */

/* A request that a step holds, or a list of them; what is neither is for others to tell. */
static enum cf_code write_out_held(const struct cf_json_doc *doc, cJSON *held, const char *path,
                                   struct cf_err *err)
{
    enum cf_code code = CF_OK;
    size_t index = 0;
    if (cf_json_get(held, "request"))
        return write_out_request(doc, held, path, err);
    for (cJSON *one = cJSON_IsArray(held) ? held->child : NULL; code == CF_OK && one;
         one = one->next) {
        char inner[PATH_BYTES];
        cf_json_place_of_item(inner, sizeof(inner), path, index++);
        if (cf_json_get(one, "request"))
            code = write_out_request(doc, one, inner, err);
    }
    return code;
}

/* The step itself where it is a request, and the requests that overlap and race hold. */
static enum cf_code write_out_requests(const struct cf_json_doc *doc, cJSON *step, const char *path,
                                       struct cf_err *err)
{
    static const char *const holders[] = {"overlap", "with", "between"};
    enum cf_code code =
        cf_json_get(step, "request") ? write_out_request(doc, step, path, err) : CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(holders) / sizeof(holders[0]); i++) {
        cJSON *held = cf_json_get(step, holders[i]);
        char inner[PATH_BYTES];
        if (!held)
            continue;
        cf_json_place_of_member(inner, sizeof(inner), path, holders[i]);
        code = write_out_held(doc, held, inner, err);
    }
    return code;
}

static enum cf_code write_out_step(const struct cf_json_doc *doc, cJSON *step, const char *role,
                                   const char *path, struct cf_err *err)
{
    for (size_t i = 0; i < sizeof(hook_words) / sizeof(hook_words[0]); i++) {
        if (cf_json_get(step, hook_words[i].word))
            return write_out_hook(doc, step, &hook_words[i], role, path, err);
    }
    return write_out_requests(doc, step, path, err);
}

enum cf_code cf_cvm_short_forms_write_out(const struct cf_json_doc *doc, cJSON *one,
                                          const char *path, struct cf_err *err)
{
    const cJSON *fixtures = cf_json_get(one, "fixtures");
    const char *role = cJSON_IsObject(fixtures) && fixtures->child ? fixtures->child->string : "";
    enum cf_code code = CF_OK;
    size_t index = 0;
    char steps[PATH_BYTES];
    cf_json_place_of_member(steps, sizeof(steps), path, "steps");
    cJSON *step;
    cJSON_ArrayForEach(step, cf_json_get(one, "steps"))
    {
        char inner[PATH_BYTES];
        cf_json_place_of_item(inner, sizeof(inner), steps, index++);
        code = write_out_step(doc, step, role, inner, err);
        if (code != CF_OK)
            break;
    }
    return code;
}

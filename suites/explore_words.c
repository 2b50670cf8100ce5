/* What a sequence does, in words, for the title of its case. */
#include "suites/explore.h"

#include <string.h>

static bool is_empty(const cJSON *value)
{
    return (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           (cJSON_IsArray(value) && !value->child);
}

static const char *verb_of(const cJSON *value, bool one)
{
    if (is_empty(value))
        return one ? "is emptied" : "are emptied";
    if (cJSON_IsNull(value))
        return one ? "is set to null" : "are set to null";
    if (cJSON_IsFalse(value))
        return one ? "is switched off" : "are switched off";
    return one ? "is set" : "are set";
}

static void put_names(struct cf_buf *out, const cJSON *set, const char *verb)
{
    int count = 0;
    int put = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, set) count += strcmp(verb_of(value, true), verb) == 0;
    cJSON_ArrayForEach(value, set)
    {
        if (strcmp(verb_of(value, true), verb) != 0)
            continue;
        cf_buf_printf(out, "%s%s",
                      put == 0           ? ""
                      : put == count - 1 ? " and "
                                         : ", ",
                      value->string);
        put++;
    }
}

/* "vcpu and memory are set and user_config is emptied" */
static void put_set(struct cf_buf *out, const cJSON *set)
{
    static const char *const verbs[] = {"is set", "is switched off", "is emptied",
                                        "is set to null"};
    bool some = false;
    for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
        const cJSON *example = NULL;
        int count = 0;
        const cJSON *value;
        cJSON_ArrayForEach(value, set)
        {
            if (strcmp(verb_of(value, true), verbs[v]) == 0) {
                example = value;
                count++;
            }
        }
        if (count == 0)
            continue;
        cf_buf_puts(out, some ? " and " : "");
        put_names(out, set, verbs[v]);
        cf_buf_printf(out, " %s", verb_of(example, count == 1));
        some = true;
    }
    if (!some)
        cf_buf_puts(out, "nothing is asked for");
}

/* What makes an update take two phases for certain; fields may have been left out since. */
static bool has_file(const cJSON *set)
{
    return cf_json_get(set, "docker_compose_file") || cf_json_get(set, "pre_launch_script");
}

static void put_update(struct cf_buf *out, const cJSON *command)
{
    if (cf_json_bool(command, "prepare", false))
        cf_buf_puts(out, "prepared only, ");
    else if (cf_json_get(command, "as") && has_file(cf_json_get(command, "set")))
        cf_buf_puts(out, "in phase 1 ");
    if (cf_json_get(command, "bytes"))
        cf_buf_puts(out, "a script that is no text is uploaded");
    else if (cf_json_bool(command, "script", false))
        cf_buf_puts(out, "a script is uploaded");
    else
        put_set(out, cf_json_get(command, "set"));
}

static void put_refused(struct cf_buf *out, const cJSON *command)
{
    const cJSON *fault = cf_json_get(command, "fault");
    const char *kind = cf_json_text(fault, "kind", "");
    const char *text = cf_json_text(fault, "text", "");
    if (strcmp(kind, "value") == 0)
        cf_buf_printf(out, "a wrong %s is refused", cf_json_text(fault, "field", ""));
    else if (strcmp(kind, "body") == 0)
        cf_buf_puts(out, "a body that is no update is refused");
    else if (strcmp(kind, "credentials") == 0)
        cf_buf_printf(out, "an update with credentials that are %s is refused",
                      strcmp(text, "none") == 0 ? "missing" : text);
    else if (strcmp(kind, "id") == 0)
        cf_buf_printf(out, "an update of an id that is %s is refused", text);
    else if (strcmp(kind, "target") == 0)
        cf_buf_printf(out, "an update of a CVM that is %s is refused",
                      strcmp(text, "gpu_rental") == 0 ? "a GPU rental's" : text);
    else
        cf_buf_puts(out, "an upload that is no script is refused");
}

static void put_finish(struct cf_buf *out, const cJSON *command)
{
    const char *proof = cf_json_text(command, "proof", "");
    const char *of = cf_json_text(command, "of", "");
    if (strcmp(proof, "right") == 0)
        cf_buf_printf(out, "phase 2 commits %s", of);
    else
        cf_buf_printf(out, "phase 2 of %s comes with a proof that is %s", of,
                      strcmp(proof, "other-cvm") == 0 ? "another CVM's" : proof);
}

static void put_command(struct cf_buf *out, const cJSON *command)
{
    const char *what = cf_json_text(command, "do", "");
    if (strcmp(cf_json_text(command, "cvm", "cvm"), "other") == 0)
        cf_buf_puts(out, "on another CVM ");
    if (strcmp(what, "update") == 0)
        put_update(out, command);
    else if (strcmp(what, "refused") == 0)
        put_refused(out, command);
    else if (strcmp(what, "finish") == 0)
        put_finish(out, command);
    else if (strcmp(what, "commit") == 0)
        cf_buf_printf(out, "the token of %s is redeemed", cf_json_text(command, "of", ""));
    else if (strcmp(what, "during") == 0)
        cf_buf_puts(out, "an update is sent while another one runs");
    else if (strcmp(what, "race") == 0)
        cf_buf_printf(out, "%d %s are sent at once", (int)cf_json_number(command, "count", 2),
                      strcmp(cf_json_text(command, "by", ""), "script") == 0 ? "scripts"
                                                                             : "updates");
    else
        cf_buf_puts(out, "time passes");
}

char *cf_cvm_explore_words(const cJSON *sequence)
{
    struct cf_buf out = {0};
    const cJSON *command;
    cJSON_ArrayForEach(command, cf_json_get(sequence, "commands"))
    {
        if (out.len > 0)
            cf_buf_puts(&out, command->next ? ", then " : ", and then ");
        put_command(&out, command);
    }
    if (out.len == 0)
        cf_buf_puts(&out, "nothing is done");
    char *text = cf_buf_take(&out, NULL);
    cf_buf_release(&out);
    return text;
}

/* What a sequence does and what came of it, as a person would say it: the title of its case. */
#include "suites/explore.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_MAX_BYTES = 40 }; /* that a title shows */

/* ---- what an update does ---- */

static bool is_empty(const cJSON *value)
{
    return (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           (cJSON_IsArray(value) && !value->child);
}

/* "set vcpu", "switch public_logs off": what is done to a field that is given this value. */
struct verb {
    const char *one, *many; /* "does not set", "sets" */
    const char *after;      /* what follows the field */
};

static const struct verb verbs[] = {{"set", "sets", ""},
                                    {"switch", "switches", " off"},
                                    {"empty", "empties", ""},
                                    {"set", "sets", " to null"}};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static size_t verb_of(const cJSON *value)
{
    if (is_empty(value))
        return 2;
    if (cJSON_IsNull(value))
        return 3;
    return cJSON_IsFalse(value) ? 1 : 0;
}

static int count_of(const cJSON *set, size_t verb)
{
    int count = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, set) count += verb_of(value) == verb;
    return count;
}

/* ", " or " and " before the next one of count, of which put are there. */
static void put_comma(struct cf_buf *out, int put, int count)
{
    if (put > 0)
        cf_buf_puts(out, put == count - 1 ? " and " : ", ");
}

static void put_names(struct cf_buf *out, const cJSON *set, size_t verb)
{
    int count = count_of(set, verb);
    int put = 0;
    const cJSON *value;
    cJSON_ArrayForEach(value, set)
    {
        if (verb_of(value) != verb)
            continue;
        put_comma(out, put++, count);
        cf_buf_puts(out, value->string);
    }
}

/* "sets vcpu and memory, switches public_logs off and empties user_config" */
static void put_actions(struct cf_buf *out, const cJSON *set)
{
    int count = 0;
    int put = 0;
    for (size_t v = 0; v < VERBS; v++)
        count += count_of(set, v) > 0;
    for (size_t v = 0; v < VERBS; v++) {
        if (count_of(set, v) == 0)
            continue;
        put_comma(out, put++, count);
        cf_buf_printf(out, "%s ", verbs[v].many);
        put_names(out, set, v);
        cf_buf_puts(out, verbs[v].after);
    }
}

static void put_fields(struct cf_buf *out, const cJSON *set)
{
    if (!cJSON_IsObject(set) || !set->child) {
        cf_buf_puts(out, "an update of nothing");
    } else if (count_of(set, 0) == cJSON_GetArraySize(set)) {
        cf_buf_puts(out, "an update of ");
        put_names(out, set, 0);
    } else {
        cf_buf_puts(out, "an update that ");
        put_actions(out, set);
    }
}

/* By either endpoint. */
static void put_change(struct cf_buf *out, const cJSON *set, bool script)
{
    if (script)
        cf_buf_printf(out, "the upload of %s script",
                      is_empty(cf_json_get(set, "pre_launch_script")) ? "an empty" : "a");
    else
        put_fields(out, set);
}

/* ---- commands, as the subject of a sentence ---- */

/* What makes an update take two phases for certain; fields may have been left out since. */
static bool is_phase_1(const cJSON *command)
{
    const cJSON *set = cf_json_get(command, "set");
    return cf_json_get(command, "as") &&
           (cf_json_get(set, "docker_compose_file") || cf_json_get(set, "pre_launch_script"));
}

/* Where there is but one phase 1, nobody asks of which one the phase 2 is. */
static void put_hash(struct cf_buf *out, const cJSON *sequence, const char *name)
{
    int count = 0;
    const cJSON *command;
    cJSON_ArrayForEach(command, cf_json_get(sequence, "commands")) count += is_phase_1(command);
    if (count > 1)
        cf_buf_printf(out, " (%s)", name);
}

/* What stands for one of these words; the word itself where nothing does. */
struct phrase {
    const char *word, *phrase;
};

static const char *phrase_of(const struct phrase *phrases, const char *word)
{
    while (phrases->word && strcmp(phrases->word, word) != 0)
        phrases++;
    return phrases->word ? phrases->phrase : word;
}

static const struct phrase forms[] = {{"xml", "an update in XML"},
                                      {"twice", "an update with a member twice"},
                                      {"large", "an update of a mebibyte"},
                                      {"query", "a request with a query that nobody knows"},
                                      {"broken", "a form that is none"},
                                      {"no-file", "a form without a file"},
                                      {"no-text", "the upload of a script that is no text"},
                                      {NULL, NULL}};

static void put_update(struct cf_buf *out, const cJSON *sequence, const cJSON *command)
{
    bool first = is_phase_1(command);
    if (cf_json_bool(command, "prepare", false))
        cf_buf_puts(out, first ? "a prepared phase 1 of " : "as if to prepare, ");
    else if (first)
        cf_buf_puts(out, "phase 1 of ");
    const char *form = cf_json_text(command, "form", "");
    if (form[0])
        cf_buf_printf(out, strncmp(form, "text/", 5) == 0 ? "the upload of a script as %s" : "%s",
                      phrase_of(forms, form));
    else
        put_change(out, cf_json_get(command, "set"), cf_json_bool(command, "script", false));
    if (first)
        put_hash(out, sequence, cf_json_text(command, "as", ""));
}

static const struct phrase credentials[] = {{"none", "without credentials"},
                                            {"empty", "with an empty key"},
                                            {"wrong", "with a wrong key"},
                                            {"truncated", "with a key cut short"},
                                            {"extended", "with a key made longer"},
                                            {"bearer", "with a bearer's token that nobody has"},
                                            {"blank-inside", "with a blank in its key"},
                                            {"other-end", "with a key that has another end"},
                                            {"small-bearer", "with a bearer in small letters"},
                                            {"basic", "with credentials of another kind"},
                                            {"scheme", "with credentials of a scheme of its own"},
                                            {"null-word", "with the word null as its key"},
                                            {"two", "with two wrong credentials at once"},
                                            {NULL, NULL}};
static const struct phrase ids[] = {{"shortened", "under an id cut short"},
                                    {"beheaded", "under an id that lacks its beginning"},
                                    {"extended", "under an id made longer"},
                                    {"blank-behind", "under an id with a blank behind it"},
                                    {NULL, NULL}};
static const struct phrase targets[] = {{"unknown", "of a CVM that does not exist"},
                                        {"foreign", "of another workspace's CVM"},
                                        {"gpu_rental", "of a CVM that rents GPUs"},
                                        {NULL, NULL}};

static void put_wrong_value(struct cf_buf *out, const cJSON *fault)
{
    struct cf_buf value = {0};
    const char *field = cf_json_text(fault, "field", "");
    cf_json_print(&value, cf_json_get(fault, "value"));
    if (cf_json_get(fault, "value") && value.len <= VALUE_MAX_BYTES)
        cf_buf_printf(out, "an update with %s %s", field, cf_buf_text(&value));
    else
        cf_buf_printf(out, "an update with a wrong %s", field);
    cf_buf_release(&value);
}

static void put_fault(struct cf_buf *out, const cJSON *command)
{
    const cJSON *fault = cf_json_get(command, "fault");
    const char *kind = cf_json_text(fault, "kind", "");
    const char *text = cf_json_text(fault, "text", "");
    const char *what = cf_json_bool(command, "script", false) ? "an upload" : "an update";
    if (strcmp(kind, "value") == 0)
        put_wrong_value(out, fault);
    else if (strcmp(kind, "body") == 0)
        cf_buf_puts(out, "a body that is no update");
    else if (strcmp(kind, "credentials") == 0)
        cf_buf_printf(out, "%s %s", what, phrase_of(credentials, text));
    else if (strcmp(kind, "id") == 0)
        cf_buf_printf(out, "%s %s", what, phrase_of(ids, text));
    else if (strcmp(kind, "target") == 0)
        cf_buf_printf(out, "%s %s", what, phrase_of(targets, text));
    else if (text[0])
        cf_buf_printf(out, "the upload of %s", text);
    else
        cf_buf_puts(out, "an upload without a body");
}

static const struct phrase proofs[] = {
    {"right", ""},
    {"unregistered", " of a hash that was never registered"},
    {"unknown-transaction", " with a transaction that nobody sent"},
    {"reverted", " with a transaction that reverted"},
    {"elsewhere", " with a transaction of another contract"},
    {"removed", " of a hash that was taken off the list"},
    {"expired", " that comes too late"},
    {"unknown-hash", " with a hash of nobody's"},
    {"other-cvm", " with another CVM's hash"},
    {"half", " without a transaction, of a hash that was never registered"},
    {"malformed", " with a hash that is none"},
    {"anonymous", " without credentials"},
    {"shortened", " with a hash that lacks its last digit"},
    {"beheaded", " with a hash that lacks its first digit"},
    {"no-transaction", " with a transaction that is none"},
    {"prepared", " as if to prepare, of a hash that was never registered"},
    {"other-body", " with a body that asks for another file"},
    {"other-beginning", " with a hash that has another first digit"},
    {"other-end", " with a hash that has another last digit"},
    {"transaction-begins", " with a transaction that has another last digit"},
    {"transaction-ends", " with a transaction that has another first digit"},
    {NULL, NULL}};

static const struct {
    const char *kind, *words;
} betweens[] = {{"value", ", behind an invalid update"},
                {"key", ", behind an update with a wrong key"},
                {"form", ", behind an upload that is none"},
                {"look", ", behind a look at the CVM"}};

static void put_during(struct cf_buf *out, const cJSON *command)
{
    put_change(out, cf_json_get(command, "then"), cf_json_bool(command, "script", false));
    cf_buf_puts(out, " during ");
    put_change(out, cf_json_get(command, "set"), cf_json_bool(command, "upload", false));
    const char *between = cf_json_text(command, "between", NULL);
    cf_buf_puts(out, cf_json_bool(command, "again", false) ? ", twice" : "");
    for (size_t i = 0; between && i < sizeof(betweens) / sizeof(betweens[0]); i++) {
        if (strcmp(between, betweens[i].kind) == 0)
            cf_buf_puts(out, betweens[i].words);
    }
}

static void put_beside(struct cf_buf *out, const cJSON *command)
{
    put_fields(out, cf_json_get(command, "set"));
    cf_buf_puts(out, " beside ");
    put_fields(out, cf_json_get(command, "then"));
    cf_buf_puts(out, " of another CVM");
}

static void put_race(struct cf_buf *out, const cJSON *command)
{
    const char *by = cf_json_text(command, "by", "");
    cf_buf_printf(out, "%d %s at once", (int)cf_json_number(command, "count", 2),
                  strcmp(by, "script") == 0 ? "uploads of scripts"
                  : by[0]                   ? "updates and uploads"
                                            : "updates");
}

static void put_command(struct cf_buf *out, const cJSON *sequence, const cJSON *command)
{
    const char *what = cf_json_text(command, "do", "");
    const char *of = cf_json_text(command, "of", "");
    if (strcmp(what, "update") == 0)
        put_update(out, sequence, command);
    else if (strcmp(what, "refused") == 0)
        put_fault(out, command);
    else if (strcmp(what, "during") == 0)
        put_during(out, command);
    else if (strcmp(what, "race") == 0)
        put_race(out, command);
    else if (strcmp(what, "beside") == 0)
        put_beside(out, command);
    else if (strcmp(what, "wait") == 0)
        cf_buf_puts(out, "waiting");
    else if (strcmp(what, "commit") == 0)
        cf_buf_puts(out, "the commit by token");
    else if (cf_json_get(command, "count"))
        cf_buf_printf(out, "phase 2 sent %d times at once",
                      (int)cf_json_number(command, "count", 2));
    else
        cf_buf_printf(out, "phase 2%s", phrase_of(proofs, cf_json_text(command, "proof", "")));
    if (of[0])
        put_hash(out, sequence, of);
    if (strcmp(cf_json_text(command, "cvm", "cvm"), "other") == 0)
        cf_buf_puts(out, " on another CVM");
}

/* ---- what came of it ---- */

/* "(expected X, got Y)" at the end of a message: X or Y, without the brackets. */
static bool part_of(const char *message, const char *begin, const char *end, char *out, size_t size)
{
    const char *from = strstr(message, begin);
    const char *to = from ? strstr(from + strlen(begin), end) : NULL;
    if (!to || (size_t)(to - from) - strlen(begin) >= size)
        return false;
    snprintf(out, size, "%.*s", (int)((size_t)(to - from) - strlen(begin)), from + strlen(begin));
    return out[0] != '\0';
}

static bool says(const char *message, const char *what)
{
    return strncmp(message, what, strlen(what)) == 0;
}

/* The value that this command asks for, be it as phase 2 of an earlier one. */
static const cJSON *asked(const cJSON *sequence, const cJSON *command, const char *field)
{
    const char *of = cf_json_text(command, "of", NULL);
    const cJSON *one;
    cJSON_ArrayForEach(one, cf_json_get(sequence, "commands"))
    {
        if (of && strcmp(cf_json_text(one, "as", ""), of) == 0)
            return cf_json_get(cf_json_get(one, "set"), field);
    }
    return cf_json_get(cf_json_get(command, "set"), field);
}

static void put_not_applied(struct cf_buf *out, const cJSON *value, const char *field)
{
    const struct verb *verb = &verbs[value ? verb_of(value) : 0];
    cf_buf_printf(out, " does not %s %s%s", verb->one, field, verb->after);
}

/* A field that it names, and that it should not have changed. */
static const char *whose(const cJSON *sequence, const cJSON *command)
{
    bool accepted = strcmp(cf_json_text(command, "do", ""), "update") == 0 && !is_phase_1(command);
    bool two = cf_json_get(cf_json_get(sequence, "cvms"), "other") != NULL;
    return accepted && two ? " on the other CVM too" : " all the same";
}

/* "FIELD: TYPE VALUE" without the type, where it is short. */
static bool is_short(const char *described, const char *field, char *out, size_t size)
{
    const char *value = described + strlen(field) + 2;
    static const char *const types[] = {"string ",  "integer ", "number ",
                                        "boolean ", "array ",   "object "};
    if (strncmp(described, field, strlen(field)) != 0 || strlen(described) < strlen(field) + 3)
        return false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        value += says(value, types[i]) ? strlen(types[i]) : 0;
    snprintf(out, size, "%s", value);
    return strlen(value) < size;
}

/* " from 1200 to null" */
static void put_values(struct cf_buf *out, const char *message, const char *field)
{
    char described[2][VALUE_MAX_BYTES + 80];
    char from[VALUE_MAX_BYTES];
    char to[VALUE_MAX_BYTES];
    char got[80];
    snprintf(got, sizeof(got), ", got %s", field);
    if (part_of(message, "(expected ", got, described[0], sizeof(described[0])) &&
        part_of(message, ", got ", ")", described[1], sizeof(described[1])) &&
        is_short(described[0], field, from, sizeof(from)) &&
        is_short(described[1], field, to, sizeof(to)))
        cf_buf_printf(out, " from %s to %s", from, to);
}

static void put_changed(struct cf_buf *out, const char *message, const char *field,
                        const char *whose)
{
    cf_buf_printf(out, " changes %s", field);
    put_values(out, message, field);
    cf_buf_puts(out, whose);
}

/* False: there are no better words for it than the message. */
static bool put_outcome(struct cf_buf *out, const cJSON *sequence, const cJSON *last,
                        const char *message)
{
    char field[64] = "";
    char got[64];
    const cJSON *value = part_of(message, "(expected ", ":", field, sizeof(field))
                             ? asked(sequence, last, field)
                             : NULL;
    if (says(message, "the status code is another one") &&
        part_of(message, "(expected status ", ", got ", field, sizeof(field)) &&
        part_of(message, ", got status ", ")", got, sizeof(got)))
        cf_buf_printf(out, " is answered %s, not %s", got, field);
    else if (strchr(field, ' ') || !field[0])
        return false;
    else if (says(message, "a field that should not have changed did") ||
             says(message, "an update changed a field that it does not name"))
        put_changed(out, message, field, value ? whose(sequence, last) : "");
    else if (says(message, "a field of the request was not applied"))
        put_not_applied(out, value, field);
    else if (says(message, "a field of the request has another value"))
        cf_buf_printf(out, " stores another %s than was sent", field);
    else
        return false;
    return true;
}

/* "After A, B and C" or "A, then B, and then C" where nothing is said of what came of it. */
static void put_before(struct cf_buf *out, const cJSON *sequence, int count, bool told)
{
    int put = 0;
    const cJSON *command;
    cJSON_ArrayForEach(command, cf_json_get(sequence, "commands"))
    {
        bool last = put == count - 1;
        if (put == 0)
            cf_buf_puts(out, told && !last ? "After " : "");
        else if (last)
            cf_buf_puts(out, told ? ", " : ", and then ");
        else
            cf_buf_puts(out, ", then ");
        put_command(out, sequence, command);
        put++;
    }
}

char *cf_cvm_explore_title(const cJSON *sequence, const char *message)
{
    struct cf_buf out = {0};
    const cJSON *commands = cf_json_get(sequence, "commands");
    int count = cJSON_GetArraySize(commands);
    const cJSON *last = cJSON_GetArrayItem(commands, count - 1);
    put_before(&out, sequence, count, message != NULL);
    if (!last)
        cf_buf_puts(&out, "nothing is done");
    if (message && (!last || !put_outcome(&out, sequence, last, message)))
        cf_buf_printf(&out, ": %s", message);
    char *title = cf_buf_take(&out, NULL);
    for (char *c = title; *c; c++)
        *c = iscntrl((unsigned char)*c) ? ' ' : *c;
    title[0] = (char)toupper((unsigned char)title[0]);
    return title;
}

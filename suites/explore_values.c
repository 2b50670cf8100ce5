#include "suites/explore_values.h"
#include "suites/fields.h"
#include "suites/model/value_kinds.h"

#include <stdio.h>
#include <string.h>

enum { WORD_BYTES = 24, MANY_NAMES = 40 };

bool cf_cvm_explore_chance(struct cf_random *random, uint32_t percent)
{
    return cf_random_below(random, 100) < percent;
}

/* A word that was never sent before. */
static void draw_word(struct cf_random *random, char out[WORD_BYTES])
{
    char hex[CF_CVM_MODEL_MARK_DIGITS + 1];
    cf_random_hex(random, hex, CF_CVM_MODEL_MARK_DIGITS);
    snprintf(out, WORD_BYTES, CF_CVM_MODEL_MARK "%s", hex);
}

cJSON *cf_cvm_explore_parsed(const char *json)
{
    struct cf_json_doc doc;
    if (cf_json_parse(&doc, "a value", json, strlen(json), 0, NULL) != CF_OK)
        return cJSON_CreateNull();
    cJSON *root = doc.root;
    doc.root = NULL;
    cf_json_release(&doc);
    return root;
}

/* ---- texts ---- */

/* What has got lost between a request and its reading before. */
static const char *const forms[] = {
    "plain",
    ("Gr\xc3\xbc\xc3\x9f"
     "e, \xd0\xbc\xd0\xb8\xd1\x80, \xe4\xb8\x96\xe7\x95\x8c"),
    "\xf0\x9f\x9a\x80 \xf0\x9d\x92\xb3 beyond the BMP",
    "e\xcc\x81 and \xc3\xa9, A\xcc\x8a and \xc3\x85",
    "$$ $& $1 \\1 %s %d {{x}} <%= x %> #{x} ${HOME}",
    "<b class='x'>&amp; \"q\" &#39;</b> --> ]]>",
    "one \t\n# two\t \n#\t \n# three",
    "C:\\ \"quoted\" 'and so' `date`",
    "two  blanks, a\ttab, %41%00 +",
    "null",
    "0",
    "false",
    "line\r\n# line\r\n# line",
    "a mark \xef\xbb\xbf within",
    "two \\\\ backslashes",
    "a return\r of its own, a line\xc2\x85of another kind",
    "in \x1b[1mbold\x1b[0m",
    "zero\xe2\x80\x8bwidth",
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]), LONG_LINES = 330 };

/* Whatever gets one of them lost is found by this one text. */
static void put_all_forms(struct cf_buf *out)
{
    for (size_t i = 0; i < FORMS; i++)
        cf_buf_printf(out, "%s%s", i ? "\n# " : "", forms[i]);
}

static void put_form(struct cf_buf *out, struct cf_random *random, bool plain)
{
    bool odd = !plain && cf_cvm_explore_chance(random, 35);
    if (odd && cf_cvm_explore_chance(random, 60))
        put_all_forms(out);
    else
        cf_buf_puts(out, odd ? forms[cf_random_below(random, FORMS)] : forms[0]);
}

/* A byte order mark, which whoever decodes a text may take for none of it. */
static const char *draw_first_mark(struct cf_random *random, bool plain)
{
    return !plain && cf_cvm_explore_chance(random, 14) ? "\xef\xbb\xbf" : "";
}

static void put_long(struct cf_buf *out, struct cf_random *random, bool plain)
{
    if (plain || !cf_cvm_explore_chance(random, 4))
        return;
    for (int i = 0; i < LONG_LINES; i++)
        cf_buf_puts(out, "# 0123456789 abcdefghij \xe2\x82\xac\n");
}

static cJSON *take_text(struct cf_buf *text)
{
    cJSON *value = cJSON_CreateString(cf_buf_text(text));
    cf_buf_release(text);
    return value;
}

static const char *draw_end(struct cf_random *random, bool plain)
{
    static const char *const ends[] = {"\n", "", "\n\n\n", " \t", "\r\n"};
    return ends[plain ? 0 : cf_random_below(random, sizeof(ends) / sizeof(ends[0]))];
}

static cJSON *draw_compose_file(struct cf_random *random, bool plain)
{
    char word[WORD_BYTES];
    struct cf_buf text = {0};
    draw_word(random, word);
    cf_buf_puts(&text, draw_first_mark(random, plain));
    if (!plain && cf_cvm_explore_chance(random, 10))
        cf_buf_puts(&text, "\n\n");
    cf_buf_printf(&text, "services:\n  app:\n    image: busybox:1.36\n# %s ", word);
    put_form(&text, random, plain);
    cf_buf_puts(&text, draw_end(random, plain));
    put_long(&text, random, plain);
    return take_text(&text);
}

static cJSON *draw_script(struct cf_random *random, bool plain)
{
    char word[WORD_BYTES];
    struct cf_buf text = {0};
    draw_word(random, word);
    cf_buf_printf(&text, "%s#!/bin/sh\n# %s ", draw_first_mark(random, plain), word);
    put_form(&text, random, plain);
    cf_buf_puts(&text, "\n");
    put_long(&text, random, plain);
    cf_buf_printf(&text, "echo %s%s", word, draw_end(random, plain));
    return take_text(&text);
}

/* A read side that parses a user_config shows only an object of members that it knows, and may show
 * nothing at all any more after another text. */
static bool is_parsed(const struct cf_profile *profile)
{
    const cJSON *place = cf_json_get(profile->observe_fields, "user_config");
    const char *get = cf_json_text(place, "get", "");
    return !cJSON_IsObject(place) ||
           (strstr(get, "/user_config") && strcmp(cf_json_text(place, "format", ""), "text") != 0);
}

static cJSON *draw_user_config(struct cf_random *random, bool plain)
{
    char word[WORD_BYTES];
    struct cf_buf text = {0};
    draw_word(random, word);
    if (!plain && cf_cvm_explore_chance(random, 25)) {
        cf_buf_printf(&text, "%s%s%s ", draw_first_mark(random, false),
                      cf_cvm_explore_chance(random, 20) ? "\n" : "", word);
        put_form(&text, random, false);
        cf_buf_puts(&text, draw_end(random, false));
    } else if (!plain && cf_cvm_explore_chance(random, 10)) {
        cf_buf_printf(&text, " \t{\"hostname\": \"%s\", \"rest\": \"%0300d\"} \n", word, 7);
    } else {
        cf_buf_printf(&text, "{\"hostname\":\"%s\"}", word);
    }
    return take_text(&text);
}

/* Of variables of an environment, as every server has to take them. */
static cJSON *draw_names(struct cf_random *random, bool plain)
{
    char name[WORD_BYTES];
    cJSON *list = cJSON_CreateArray();
    uint32_t count = plain ? 1 : 1 + cf_random_below(random, 4);
    if (!plain && cf_cvm_explore_chance(random, 10))
        count = MANY_NAMES;
    for (uint32_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "NAME_%u", (unsigned)cf_random_below(random, 1000000));
        cJSON_AddItemToArray(list, cJSON_CreateString(name));
    }
    return list;
}

/* ---- legal values ---- */

static cJSON *draw_timeout(struct cf_random *random)
{
    static const int likely[] = {10, 1200, 300, 600, 601};
    if (cf_cvm_explore_chance(random, 8))
        return cJSON_CreateNull();
    if (cf_cvm_explore_chance(random, 30))
        return cf_json_new_integer(likely[cf_random_below(random, 5)]);
    return cf_json_new_integer(10 + cf_random_below(random, 1191));
}

static cJSON *draw_listed(struct cf_random *random, const struct cf_profile *profile,
                          const char *name)
{
    const cJSON *list = cf_profile_values(profile, name);
    int count = cJSON_GetArraySize(list);
    if (count == 0 || cf_profile_moves_up(profile, name))
        return NULL;
    return cJSON_Duplicate(cJSON_GetArrayItem(list, (int)cf_random_below(random, (uint32_t)count)),
                           1);
}

/* Now and then none at all, which takes no hardware, in each mode and without one. */
static cJSON *draw_gpus(struct cf_random *random, const struct cf_profile *profile)
{
    static const char *const empty[] = {"{\"gpus\": []}",
                                        "{\"gpus\": [], \"attach_mode\": \"listed\"}",
                                        "{\"gpus\": [], \"attach_mode\": \"all\"}"};
    cJSON *listed = draw_listed(random, profile, "gpus");
    if (!listed || cf_cvm_explore_chance(random, 60))
        return listed;
    cJSON_Delete(listed);
    return cf_cvm_explore_parsed(empty[cf_random_below(random, 3)]);
}

/* Texts that are something else where they are read once more: nothing, or without their quotes. */
cJSON *cf_cvm_explore_odd_word(struct cf_random *random)
{
    static const char *const words[] = {"0", "null", "\"quoted\""};
    return cJSON_CreateString(words[cf_random_below(random, sizeof(words) / sizeof(words[0]))]);
}

static cJSON *draw_text(struct cf_random *random, const struct cf_profile *profile,
                        const char *name, bool plain)
{
    bool shown = strcmp(name, "user_config") != 0 || !is_parsed(profile);
    if (!plain && shown && cf_cvm_explore_chance(random, 8))
        return cf_cvm_explore_odd_word(random);
    if (strcmp(name, "docker_compose_file") == 0)
        return draw_compose_file(random, plain);
    if (strcmp(name, "pre_launch_script") == 0)
        return draw_script(random, plain);
    return draw_user_config(random, plain || is_parsed(profile));
}

cJSON *cf_cvm_explore_value(struct cf_random *random, const struct cf_profile *profile, int field,
                            bool plain)
{
    const struct cf_cvm_field *f = &cf_cvm_fields[field];
    if (cf_profile_moves_up(profile, f->name))
        return NULL;
    if (f->kind == CF_CVM_FIELD_GPUS)
        return draw_gpus(random, profile);
    if (f->needs_values || cf_profile_values(profile, f->name))
        return draw_listed(random, profile, f->name);
    if (f->kind == CF_CVM_FIELD_BOOLEAN)
        return cJSON_CreateBool(cf_cvm_explore_chance(random, 50));
    if (f->kind == CF_CVM_FIELD_INTEGER)
        return draw_timeout(random);
    if (f->kind == CF_CVM_FIELD_NAMES)
        return draw_names(random, plain);
    return draw_text(random, profile, f->name, plain);
}

cJSON *cf_cvm_explore_falsy(struct cf_random *random, const struct cf_profile *profile, int field)
{
    const struct cf_cvm_field *f = &cf_cvm_fields[field];
    if (f->kind == CF_CVM_FIELD_BOOLEAN)
        return cJSON_CreateFalse();
    if (f->kind == CF_CVM_FIELD_NAMES)
        return cJSON_CreateArray();
    if (strcmp(f->name, "shutdown_timeout") == 0)
        return cf_cvm_explore_chance(random, 50) ? cJSON_CreateNull()
                                                 : cf_json_new_integer(f->least);
    if (strcmp(f->name, "pre_launch_script") == 0 ||
        (strcmp(f->name, "user_config") == 0 && !is_parsed(profile)))
        return cJSON_CreateString("");
    bool secrets = strcmp(f->name, "encrypted_env") == 0;
    return secrets && cJSON_GetArraySize(cf_profile_values(profile, f->name)) > 0
               ? cJSON_CreateString("")
               : NULL;
}

/* ---- values that may be refused ---- */

enum { LONG_TEXT_LINES = 1500, LONGER_TEXT_LINES = 6000 }; /* 75 and 300 KB */

cJSON *cf_cvm_explore_odd_text(struct cf_random *random, const char *name)
{
    static const char *const begins[] = {"\xef\xbb\xbf", "\n\n", ""};
    bool script = strcmp(name, "pre_launch_script") == 0; /* which begins with its #! */
    uint32_t below = cf_random_below(random, script ? 2 : 3);
    char word[WORD_BYTES];
    struct cf_buf text = {0};
    draw_word(random, word);
    cf_buf_printf(&text, "%s%s# %s ", begins[script ? 2 * below : below],
                  script ? "#!/bin/sh\n" : "services:\n  app:\n    image: busybox:1.36\n", word);
    put_all_forms(&text);
    cf_buf_puts(&text, draw_end(random, false));
    return take_text(&text);
}

/* Mostly of characters that take several bytes, which may lie on the border of two pieces. */
cJSON *cf_cvm_explore_long(struct cf_random *random, const char *name, bool longer)
{
    char word[WORD_BYTES];
    struct cf_buf text = {0};
    int lines = longer ? LONGER_TEXT_LINES : LONG_TEXT_LINES;
    draw_word(random, word);
    if (strcmp(name, "docker_compose_file") == 0)
        cf_buf_puts(&text, "services:\n  app:\n    image: busybox:1.36\n");
    else if (strcmp(name, "pre_launch_script") == 0)
        cf_buf_puts(&text, "#!/bin/sh\n");
    cf_buf_printf(&text, "# %s\n", word);
    for (int i = 0; i < lines; i++)
        cf_buf_puts(&text, "# \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                           "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                           "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
                           "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\n");
    return take_text(&text);
}

/* Of the user_config alone where no other is free to be set: it is not parsed then. */
static cJSON *with_a_long_text(struct cf_random *random, bool parsed, bool hashed)
{
    static const char *const names[] = {"user_config", "docker_compose_file", "pre_launch_script"};
    size_t which = hashed ? cf_random_below(random, 3) : 0;
    which = which == 0 && parsed ? 1 : which;
    cJSON *set = cJSON_CreateObject();
    bool longer = cf_cvm_explore_chance(random, 70);
    cJSON_AddItemToObject(set, names[which], cf_cvm_explore_long(random, names[which], longer));
    return set;
}

/* No compose file, and a way to attach GPUs that nobody knows. */
static cJSON *with_a_strange_value(struct cf_random *random, bool hashed)
{
    if (hashed && cf_cvm_explore_chance(random, 60))
        return cf_cvm_explore_parsed("{\"docker_compose_file\": \"\"}");
    return cf_cvm_explore_parsed("{\"gpus\": {\"gpus\": [], \"attach_mode\": \"sideways\"}}");
}

cJSON *cf_cvm_explore_odd(struct cf_random *random, const struct cf_profile *profile, bool hashed)
{
    static const char *const sizes[] = {"{\"vcpu\": 4294967298}", "{\"memory\": 4294971392}",
                                        "{\"disk_size\": 4295008256}"};
    bool parsed = is_parsed(profile);
    if (cf_cvm_explore_chance(random, 25))
        return with_a_strange_value(random, hashed);
    uint32_t kind = cf_random_below(random, hashed ? 6 : 3);
    kind = kind == 5 ? 2 : kind;
    if (kind == 0 || (parsed && kind < (hashed ? 2 : 3)))
        return cf_cvm_explore_parsed(sizes[cf_random_below(random, 3)]);
    if (kind == 2)
        return with_a_long_text(random, parsed, hashed);
    cJSON *set = cJSON_CreateObject();
    if (kind == 1)
        cJSON_AddStringToObject(set, "user_config", "   ");
    else if (kind == 3)
        cJSON_AddStringToObject(set, "pre_launch_script", " \n\t \n");
    else
        cJSON_AddItemToObject(set, "docker_compose_file",
                              cf_cvm_explore_odd_text(random, "docker_compose_file"));
    return set;
}

/* ---- faults ---- */

static const char *const number_faults[] = {"\"four\"", "[1]", "{\"value\": 1}"};
static const char *const timeout_faults[] = {"9", "1201", "-1", "4294967396", "\"long\"", "[10]"};
static const char *const text_faults[] = {"[\"text\"]", "{\"text\": \"text\"}"};
static const char *const flag_faults[] = {"\"maybe\"", "[true]", "{\"value\": true}"};
static const char *const strict_flag_faults[] = {"\"maybe\"", "[true]", "{\"value\": true}",
                                                 "null"};
static const char *const names_faults[] = {"\"NAME,OTHER\"", "[null]", "[\"NAME\", {}]",
                                           "{\"NAME\": 1}", "2"};
static const char *const gpus_faults[] = {
    "{}",
    "{\"gpus\": null}",
    "{\"gpus\": [{}]}",
    "{\"gpus\": [{\"slot\": \"0a:00.0\"}, {}]}",
    "[{\"slot\": \"0a:00.0\"}]",
    "{\"gpus\": \"0a:00.0\"}",
    "{\"gpus\": [], \"attach_mode\": [1]}",
    "{\"gpus\": [{\"slot\": \"0a:00.0\", \"product_id\": {}}]}"};

struct faults {
    const char *const *items;
    uint32_t count;
};
#define ALL_OF(list) ((struct faults){list, sizeof(list) / sizeof((list)[0])})

static struct faults faults_of(const struct cf_cvm_field *f)
{
    switch (f->kind) {
    case CF_CVM_FIELD_BOOLEAN:
        return f->nullable ? ALL_OF(flag_faults) : ALL_OF(strict_flag_faults);
    case CF_CVM_FIELD_INTEGER:
        return f->least > 0 ? ALL_OF(timeout_faults) : ALL_OF(number_faults);
    case CF_CVM_FIELD_NAMES:
        return ALL_OF(names_faults);
    case CF_CVM_FIELD_GPUS:
        return ALL_OF(gpus_faults);
    default:
        return ALL_OF(text_faults);
    }
}

uint32_t cf_cvm_explore_fault_count(int field)
{
    return faults_of(&cf_cvm_fields[field]).count;
}

cJSON *cf_cvm_explore_fault(struct cf_random *random, int field)
{
    struct faults faults = faults_of(&cf_cvm_fields[field]);
    return cf_cvm_explore_parsed(faults.items[cf_random_below(random, faults.count)]);
}

/* ---- in case files ---- */

/* What an expansion would take for a reference. */
static cJSON *literal_text(const char *text)
{
    struct cf_buf out = {0};
    for (const char *at = text; *at; at++) {
        if (at[0] == '$' && at[1] == '{')
            cf_buf_putc(&out, '$');
        cf_buf_putc(&out, *at);
    }
    cJSON *node = cJSON_CreateString(cf_buf_text(&out));
    cf_buf_release(&out);
    return node;
}

cJSON *cf_cvm_explore_literal(const cJSON *value)
{
    if (!value || cJSON_IsString(value))
        return literal_text(value ? value->valuestring : "");
    if (!cJSON_IsArray(value) && !cJSON_IsObject(value))
        return cJSON_Duplicate(value, 1);
    cJSON *out = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
    for (const cJSON *child = value->child; child; child = child->next) {
        if (cJSON_IsArray(value))
            cJSON_AddItemToArray(out, cf_cvm_explore_literal(child));
        else
            cJSON_AddItemToObject(out, child->string, cf_cvm_explore_literal(child));
    }
    return out;
}

/* ---- plainer ones ---- */

/* The marked word of a text. */
static bool find_word(const cJSON *value, char out[WORD_BYTES])
{
    const char *at = cJSON_IsString(value) ? cf_cvm_model_find_mark(value->valuestring) : NULL;
    if (!at)
        return false;
    snprintf(out, WORD_BYTES, "%.*s", CF_CVM_MODEL_MARK_BYTES, at);
    return true;
}

cJSON *cf_cvm_explore_plainest(int field, const cJSON *value)
{
    char word[WORD_BYTES];
    char text[160];
    if (!find_word(value, word))
        return NULL;
    if (strcmp(cf_cvm_fields[field].name, "docker_compose_file") == 0)
        snprintf(text, sizeof(text), "services:\n  app:\n    image: busybox:1.36\n# %s\n", word);
    else if (strcmp(cf_cvm_fields[field].name, "pre_launch_script") == 0)
        snprintf(text, sizeof(text), "#!/bin/sh\necho %s\n", word);
    else
        snprintf(text, sizeof(text), "{\"hostname\":\"%s\"}", word);
    return cJSON_CreateString(text);
}

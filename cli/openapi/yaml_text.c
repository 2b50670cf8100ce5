#include "cli/openapi/yaml_text.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"

#include <string.h>
#include <yaml.h>

struct level {
    bool is_map;
    size_t count; /* of keys and values so far */
};

struct reader {
    const char *name;
    struct cf_buf *out;
    struct level levels[CF_JSON_DEPTH_MAX];
    size_t depth;
    size_t documents;
};

/* ---- scalars ---- */

static size_t skip_digits(const char *text, size_t at)
{
    while (text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* Whether a plain scalar is a number as JSON writes it. */
static bool is_number(const char *text)
{
    size_t at = text[0] == '-';
    size_t digits = skip_digits(text, at);
    if (digits == at || (text[at] == '0' && digits > at + 1))
        return false;
    if (text[digits] == '.') {
        size_t end = skip_digits(text, digits + 1);
        if (end == digits + 1)
            return false;
        digits = end;
    }
    if (text[digits] == 'e' || text[digits] == 'E') {
        size_t sign = digits + 1 + (text[digits + 1] == '+' || text[digits + 1] == '-');
        size_t end = skip_digits(text, sign);
        if (end == sign)
            return false;
        digits = end;
    }
    return text[digits] == '\0';
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(text, *words) != 0)
        words++;
    return *words != NULL;
}

static void put_scalar(struct cf_buf *out, const yaml_event_t *event, bool is_key)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const truths[] = {"true", "True", "TRUE", NULL};
    static const char *const lies[] = {"false", "False", "FALSE", NULL};
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    bool plain = event->data.scalar.plain_implicit &&
                 event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strlen(text) == len;
    if (is_key || !plain)
        cf_json_put_string(out, text, len);
    else if (is_one_of(text, nulls))
        cf_buf_puts(out, "null");
    else if (is_one_of(text, truths) || is_one_of(text, lies))
        cf_buf_puts(out, is_one_of(text, truths) ? "true" : "false");
    else if (is_number(text))
        cf_buf_puts(out, text);
    else
        cf_json_put_string(out, text, len);
}

/* ---- events ---- */

static enum cf_code fault(const struct reader *r, const yaml_mark_t *mark, enum cf_code code,
                          const char *what, struct cf_err *err)
{
    return cf_err_set(err, code, "%s:%zu:%zu: %s", r->name, mark->line + 1, mark->column + 1, what);
}

/* What stands between two values; and whether the next is a key. */
static bool begin_value(struct reader *r)
{
    struct level *level = r->depth > 0 ? &r->levels[r->depth - 1] : NULL;
    if (!level)
        return false;
    bool is_key = level->is_map && level->count % 2 == 0;
    if (level->count > 0)
        cf_buf_putc(r->out, level->is_map && !is_key ? ':' : ',');
    level->count++;
    return is_key;
}

static enum cf_code open_level(struct reader *r, const yaml_event_t *event, bool is_map,
                               struct cf_err *err)
{
    if (begin_value(r))
        return fault(r, &event->start_mark, CF_EINPUT, "a key has to be a text", err);
    if (r->depth == CF_JSON_DEPTH_MAX)
        return fault(r, &event->start_mark, CF_ELIMIT, "nested too deeply", err);
    r->levels[r->depth++] = (struct level){.is_map = is_map};
    cf_buf_putc(r->out, is_map ? '{' : '[');
    return CF_OK;
}

static bool has_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

static enum cf_code take(struct reader *r, const yaml_event_t *event, struct cf_err *err)
{
    if (has_anchor(event))
        return fault(r, &event->start_mark, CF_EINPUT,
                     "anchors and aliases are not read; write it out, or give JSON", err);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->documents++ > 0)
            return fault(r, &event->start_mark, CF_EINPUT, "a second document", err);
        return CF_OK;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return open_level(r, event, event->type == YAML_MAPPING_START_EVENT, err);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        cf_buf_putc(r->out, r->levels[--r->depth].is_map ? '}' : ']');
        return CF_OK;
    case YAML_SCALAR_EVENT:
        put_scalar(r->out, event, begin_value(r));
        return CF_OK;
    default:
        return CF_OK;
    }
}

enum cf_code cf_yaml_to_json(const char *name, const char *bytes, size_t len, struct cf_buf *json,
                             struct cf_err *err)
{
    yaml_parser_t parser;
    struct reader reader = {.name = name, .out = json};
    enum cf_code code = CF_OK;
    bool done = false;
    if (!yaml_parser_initialize(&parser))
        cf_mem_exhausted();
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
    while (code == CF_OK && !done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            code = fault(&reader, &parser.problem_mark, CF_EINPUT,
                         parser.problem ? parser.problem : "not YAML", err);
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        code = take(&reader, &event, err);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (code == CF_OK && reader.documents == 0)
        return cf_err_set(err, CF_EINPUT, "%s: no document", name);
    return code == CF_OK ? cf_buf_check(json, err) : code;
}

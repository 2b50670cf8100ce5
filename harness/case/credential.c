#include "harness/case/credential.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In no request and no answer, so that nothing is mistaken for it. */
#define STAND_IN "sealed-credential-6e1f0c2a9b7d4853"

static enum cf_code from_env(char **out, const struct cf_json_doc *doc, const cJSON *node,
                             const char *where, struct cf_err *err)
{
    const char *value = getenv(node->valuestring);
    if (!value || *value == '\0')
        return cf_json_fault(doc, node, err, "%s/env: environment variable %s is not set", where,
                             node->valuestring);
    *out = cf_strdup(value);
    return CF_OK;
}

/* What editors on other systems make of a key: NULL for plain text. */
static const char *foreign_encoding(const struct cf_buf *text)
{
    const char *bytes = cf_buf_text(text);
    if (text->len >= 4 &&
        (memcmp(bytes, "\xff\xfe\0\0", 4) == 0 || memcmp(bytes, "\0\0\xfe\xff", 4) == 0))
        return "it is UTF-32; save it as plain text (ASCII or UTF-8)";
    if (text->len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        return "it is UTF-16; save it as plain text (ASCII or UTF-8)";
    if (text->len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return "it begins with a byte order mark; save it without one";
    if (memchr(bytes, '\0', text->len))
        return "it holds NUL bytes, as UTF-16 and binary files do; save it as plain text";
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text without white space around it, which a header would lose on its way: what a server
 * echoes then has to be found. */
static void trim(struct cf_buf *text)
{
    struct cf_buf inner = {0};
    const char *begin = cf_buf_text(text);
    size_t len = text->len;
    while (len > 0 && is_blank(begin[len - 1]))
        len--;
    for (; len > 0 && is_blank(*begin); len--)
        begin++;
    cf_buf_append(&inner, begin, len);
    if (text->data)
        explicit_bzero(text->data, text->len);
    cf_buf_release(text);
    *text = inner;
}

static enum cf_code from_file(char **out, const struct cf_json_doc *doc, const cJSON *node,
                              const char *where, const char *beside, struct cf_err *err)
{
    struct cf_buf text;
    struct cf_err inner = {0};
    char *path = cf_file_beside(beside, node->valuestring);
    cf_buf_init(&text, CF_CREDENTIAL_MAX_BYTES);
    enum cf_code code = cf_file_read(path, &text, &inner);
    const char *foreign = code == CF_OK ? foreign_encoding(&text) : NULL;
    if (foreign)
        code = cf_err_set(&inner, CF_EINPUT, "%s: %s", path, foreign);
    free(path);
    if (code == CF_OK)
        trim(&text);
    if (code == CF_OK && text.len == 0)
        code = cf_err_set(&inner, CF_EINPUT, "the file is empty");
    if (code == CF_OK && strpbrk(cf_buf_text(&text), "\r\n"))
        code = cf_err_set(&inner, CF_EINPUT,
                          "the file has more than one line; it holds the key "
                          "alone, without comments");
    if (code == CF_OK)
        *out = cf_buf_take(&text, NULL);
    cf_buf_release(&text);
    if (code != CF_OK)
        return cf_json_fault(doc, node, err, "%s/file: %s", where, inner.text);
    return CF_OK;
}

/* What copying from a page brings along and no eye sees: its name, NULL without one. */
static const char *invisible(const char *value)
{
    static const struct {
        const char *bytes, *name;
    } rows[] = {{"\xc2\xa0", "U+00A0"},     {"\xc2\xad", "U+00AD"},     {"\xe2\x80\x8b", "U+200B"},
                {"\xe2\x80\x8c", "U+200C"}, {"\xe2\x80\x8d", "U+200D"}, {"\xe2\x80\x8e", "U+200E"},
                {"\xe2\x80\x8f", "U+200F"}, {"\xe2\x80\xa8", "U+2028"}, {"\xe2\x80\xa9", "U+2029"},
                {"\xe2\x81\xa0", "U+2060"}, {"\xef\xbb\xbf", "U+FEFF"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strstr(value, rows[i].bytes))
            return rows[i].name;
    }
    return NULL;
}

/* What holds for the one that stands in a header of every request. */
static enum cf_code check_credential(const char *value, const struct cf_json_doc *doc,
                                     const cJSON *node, struct cf_err *err)
{
    const char *unseen = invisible(value);
    size_t len = strlen(value);
    if (unseen)
        return cf_json_fault(doc, node, err,
                             "/pixit/auth: the credential holds %s, which cannot be seen and came "
                             "with copying",
                             unseen);
    if (len > 0 && (is_blank(value[0]) || is_blank(value[len - 1])))
        return cf_json_fault(doc, node, err,
                             "/pixit/auth: the credential begins or ends with white space");
    return CF_OK;
}

static enum cf_code check_value(const char *value, const struct cf_json_doc *doc, const cJSON *node,
                                const char *where, struct cf_err *err)
{
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return cf_json_fault(doc, node, err, "%s: the credential holds control characters",
                                 where);
    }
    if (strlen(value) < CF_CREDENTIAL_MIN_BYTES)
        return cf_json_fault(doc, node, err,
                             "%s: the credential is shorter than %d characters, too short to be "
                             "kept out of reports reliably",
                             where, CF_CREDENTIAL_MIN_BYTES);
    return CF_OK;
}

/* node is a member "env" or "file". */
static enum cf_code from_elsewhere(char **out, const struct cf_json_doc *doc, const cJSON *node,
                                   const char *where, const struct cf_credential_rules *rules,
                                   struct cf_err *err)
{
    return strcmp(node->string, "env") == 0 ? from_env(out, doc, node, where, err)
                                            : from_file(out, doc, node, where, rules->beside, err);
}

enum cf_code cf_credential_text(char **out, const struct cf_json_doc *doc, const cJSON *from,
                                const char *where, const struct cf_credential_rules *rules,
                                struct cf_err *err)
{
    char path[1100];
    char *text = NULL;
    snprintf(path, sizeof(path), "%.1000s/%s", where, from->string);
    enum cf_code code = cf_shape_line(doc, from, path, CF_CREDENTIAL_MAX_BYTES, err);
    if (code != CF_OK)
        return code;
    if (rules->sealed) {
        *out = cf_strdup(STAND_IN);
        return CF_OK;
    }
    code = from_elsewhere(&text, doc, from, where, rules, err);
    if (code == CF_OK)
        code = check_value(text, doc, from, where, err);
    if (code == CF_OK)
        *out = text;
    else
        free(text);
    return code;
}

static enum cf_code read_value(char **out, const struct cf_json_doc *doc, const cJSON *node,
                               const struct cf_credential_rules *rules, struct cf_err *err)
{
    bool literal = strcmp(node->string, "value") == 0;
    if (literal && !rules->literal)
        return cf_json_fault(doc, node, err,
                             "/pixit/auth/value_from/value: a literal credential is taken for "
                             "loopback addresses only; use env or file");
    if (literal || rules->sealed) {
        *out = cf_strdup(rules->sealed ? STAND_IN : node->valuestring);
        return CF_OK;
    }
    return from_elsewhere(out, doc, node, "/pixit/auth/value_from", rules, err);
}

enum cf_code cf_credential_read(struct cf_credential *out, const struct cf_json_doc *doc,
                                const cJSON *from, const struct cf_credential_rules *rules,
                                struct cf_err *err)
{
    static const char *const sources[] = {"env", "file", "value", NULL};
    enum cf_code code = cf_shape_object(doc, from, "/pixit/auth/value_from", NULL, sources, err);
    if (code != CF_OK)
        return code;
    const cJSON *node = from->child;
    if (!node || node->next)
        return cf_json_fault(doc, from, err,
                             "/pixit/auth/value_from: wants exactly one of env, file, value");
    char path[64];
    snprintf(path, sizeof(path), "/pixit/auth/value_from/%s", node->string);
    code = cf_shape_line(doc, node, path, CF_CREDENTIAL_MAX_BYTES, err);
    if (code != CF_OK)
        return code;
    struct cf_buf name = {0};
    cf_buf_printf(&name, "$%s", strcmp(node->string, "env") == 0 ? node->valuestring : "API_KEY");
    out->placeholder = cf_buf_take(&name, NULL);
    code = read_value(&out->value, doc, node, rules, err);
    if (code == CF_OK)
        code = check_credential(out->value, doc, node, err);
    return code == CF_OK ? check_value(out->value, doc, node, "/pixit/auth", err) : code;
}

void cf_credential_release(struct cf_credential *credential)
{
    if (credential->value)
        explicit_bzero(credential->value, strlen(credential->value));
    free(credential->value);
    free(credential->placeholder);
    *credential = (struct cf_credential){0};
}

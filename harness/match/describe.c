#include "harness/match/describe.h"
#include "harness/base/utf8.h"

#include <string.h>

enum { SHOWN_BYTES = 300, LONG_BYTES = 200 };

void cf_describe(struct cf_buf *out, const cJSON *value)
{
    struct cf_buf text = {0};
    if (!value || cJSON_IsNull(value)) {
        cf_buf_puts(out, value ? "null" : "absent");
        return;
    }
    cf_json_print(&text, value);
    cf_buf_printf(out, "%s ", cf_json_type(value));
    size_t shown = cf_utf8_cut(cf_buf_text(&text), text.len, SHOWN_BYTES);
    cf_buf_append(out, cf_buf_text(&text), shown);
    if (shown < text.len)
        cf_buf_puts(out, "...");
    cf_buf_release(&text);
}

static void put_whole(struct cf_buf *out, const cJSON *value)
{
    if (cJSON_IsString(value))
        cf_buf_puts(out, value->valuestring);
    else
        cf_json_print(out, value);
}

void cf_describe_difference(struct cf_buf *expected, struct cf_buf *actual, const cJSON *wanted,
                            const cJSON *read)
{
    struct cf_buf a = {0};
    struct cf_buf b = {0};
    size_t at = 0;
    if (!wanted || !read || (wanted->type & 0xff) != (read->type & 0xff))
        return;
    put_whole(&a, wanted);
    put_whole(&b, read);
    while (at < a.len && at < b.len && a.data[at] == b.data[at])
        at++;
    if (a.len >= LONG_BYTES || b.len >= LONG_BYTES) {
        cf_buf_printf(expected, " (%zu bytes)", a.len);
        cf_buf_printf(actual, " (%zu bytes; the first that differs is at offset %zu)", b.len, at);
    }
    cf_buf_release(&a);
    cf_buf_release(&b);
}

static void describe_list(struct cf_buf *out, const cJSON *list, const char *joiner)
{
    const cJSON *matcher;
    cJSON_ArrayForEach(matcher, list)
    {
        if (matcher != list->child)
            cf_buf_puts(out, joiner);
        cf_describe_matcher(out, matcher);
    }
}

static void describe_word(struct cf_buf *out, const char *word, const cJSON *wanted)
{
    if (strcmp(word, "equals") == 0) {
        cf_describe(out, wanted);
    } else if (strcmp(word, "type") == 0) {
        cf_buf_printf(out, "%s %s", strchr("aio", wanted->valuestring[0]) ? "an" : "a",
                      wanted->valuestring);
    } else if (strcmp(word, "one_of") == 0) {
        describe_list(out, wanted, " or ");
    } else if (strcmp(word, "all") == 0) {
        describe_list(out, wanted, " and ");
    } else if (strcmp(word, "not") == 0) {
        cf_buf_puts(out, "not ");
        cf_describe_matcher(out, wanted);
    } else if (strcmp(word, "present") == 0) {
        cf_buf_puts(out, cJSON_IsTrue(wanted) ? "present" : "absent");
    } else if (strcmp(word, "every") == 0 || strcmp(word, "any") == 0) {
        cf_buf_printf(out, "an array of which %s element is ", word);
        cf_describe_matcher(out, wanted);
    } else if (strcmp(word, "members") == 0) {
        cf_buf_puts(out, "an object with ");
        for (const cJSON *m = wanted->child; m; m = m->next) {
            cf_buf_printf(out, "%s%s: ", m == wanted->child ? "" : ", ", m->string);
            cf_describe_matcher(out, m);
        }
    } else {
        cf_buf_printf(out, "%s ", strcmp(word, "matches") == 0 ? "a string that matches" : word);
        cf_json_print(out, wanted);
    }
}

void cf_describe_matcher(struct cf_buf *out, const cJSON *matcher)
{
    if (!cJSON_IsObject(matcher)) {
        cf_describe(out, matcher);
        return;
    }
    for (const cJSON *member = matcher->child; member; member = member->next) {
        if (member != matcher->child)
            cf_buf_puts(out, " and ");
        describe_word(out, member->string, member);
    }
}

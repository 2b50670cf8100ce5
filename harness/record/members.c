#include "harness/record/members.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 64 << 20 };

bool cf_member_is(const char *bytes, const struct cf_json_value *value, const char *name)
{
    size_t len = value->key_end - value->key_start;
    return len == strlen(name) && memcmp(bytes + value->key_start, name, len) == 0;
}

void cf_members_note(struct cf_members *members, const struct cf_json_value *value)
{
    if (members->count < CF_MEMBERS_MAX)
        members->items[members->count++] = *value;
}

enum cf_code cf_members_parse(const struct cf_members *members, const char *name, const char *bytes,
                              int flags, struct cf_json_doc *doc, struct cf_err *err)
{
    struct cf_buf text;
    cf_buf_init(&text, TEXT_MAX_BYTES);
    for (size_t i = 0; i < members->count; i++) {
        const struct cf_json_value *member = &members->items[i];
        cf_buf_puts(&text, i ? ",\"" : "{\"");
        cf_buf_append(&text, bytes + member->key_start, member->key_end - member->key_start);
        cf_buf_puts(&text, "\":");
        cf_buf_append(&text, bytes + member->start, member->end - member->start);
    }
    cf_buf_puts(&text, members->count ? "}" : "{}");
    enum cf_code code = cf_buf_check(&text, err);
    if (code == CF_OK)
        code = cf_json_parse(doc, name, text.data, text.len, flags, err);
    cf_buf_release(&text);
    return code;
}

/* Some members of a JSON object that a scan meets, to be read without the others. */
#ifndef CF_RECORD_MEMBERS_H
#define CF_RECORD_MEMBERS_H

#include "harness/base/json.h"

enum { CF_MEMBERS_MAX = 64 }; /* what is beyond is left out */

struct cf_members {
    struct cf_json_value items[CF_MEMBERS_MAX];
    size_t count;
};

/* Whether a member's key is name, as long as neither has escapes. */
bool cf_member_is(const char *bytes, const struct cf_json_value *value, const char *name);
void cf_members_note(struct cf_members *members, const struct cf_json_value *value);
/* Read them as an object of their own. bytes: what was scanned; name and flags are those of
 * cf_json_parse(), whose errors these are. */
CF_MUST_CHECK enum cf_code cf_members_parse(const struct cf_members *members, const char *name,
                                            const char *bytes, int flags, struct cf_json_doc *doc,
                                            struct cf_err *err);

#endif

/* Values and matchers in words, for messages. */
#ifndef CF_MATCH_DESCRIBE_H
#define CF_MATCH_DESCRIBE_H

#include "harness/base/json.h"

/* "integer 202", "string \"abc\"", "absent": a value with its type, cut to a readable length. */
void cf_describe(struct cf_buf *out, const cJSON *value);
/* Beside two long values of one type, as cf_describe() wrote them: how long each is, and where they
 * part, in bytes; of a string those of the text, of others those of its JSON. */
void cf_describe_difference(struct cf_buf *expected, struct cf_buf *actual, const cJSON *wanted,
                            const cJSON *read);
/* A matcher in words: "integer 202", "a string that matches \"^x\"", "one of ...". */
void cf_describe_matcher(struct cf_buf *out, const cJSON *matcher);

#endif

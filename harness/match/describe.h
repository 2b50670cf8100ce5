/* Values and matchers in words, for messages. */
#ifndef CF_MATCH_DESCRIBE_H
#define CF_MATCH_DESCRIBE_H

#include "harness/base/json.h"

/* "integer 202", "string \"abc\"", "absent": a value with its type, cut to a readable length. */
void cf_describe(struct cf_buf *out, const cJSON *value);
/* A matcher in words: "integer 202", "a string that matches \"^x\"", "one of ...". */
void cf_describe_matcher(struct cf_buf *out, const cJSON *matcher);

#endif

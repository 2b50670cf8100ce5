/* Texts that are written as several lines, since a JSON string cannot be broken. */
#ifndef CF_CASE_LONG_TEXT_H
#define CF_CASE_LONG_TEXT_H

#include "harness/base/json.h"

/* Where a member of holder is an array of lines, make it one string: the lines, a space between
 * each two. Whoever reads the member then meets a string, at the line where the array began. path
 * is the member's. Errors: CF_EINPUT, the array is empty or holds what is not a line. */
CF_MUST_CHECK enum cf_code cf_long_text_join(const struct cf_json_doc *doc, const cJSON *holder,
                                             const char *member, const char *path,
                                             struct cf_err *err);

#endif

/* The part of a profile that says how the server is reached: pixit.connection. */
#ifndef CF_CASE_PROFILE_CONNECTION_H
#define CF_CASE_PROFILE_CONNECTION_H

#include "harness/base/json.h"

/* Check it: proxy is an absolute URL without credentials, unix_socket a file name, not both; http2
 * is a boolean. Errors: CF_EINPUT (FILE:LINE:COLUMN: ...). */
CF_MUST_CHECK enum cf_code cf_profile_connection_check(const struct cf_json_doc *doc,
                                                       const cJSON *connection, struct cf_err *err);

#endif

/* Shared by json.c and json_scan.c only; everybody else includes json.h. */
#ifndef CF_BASE_JSON_SCAN_H
#define CF_BASE_JSON_SCAN_H

#include "harness/base/json.h"

/* cf_json_scan() that also calls begin when a value starts (its end still 0): parents first, the
 * order in which a tree walk meets nodes. */
CF_MUST_CHECK enum cf_code cf_json_scan_both(const char *name, const char *bytes, size_t len,
                                             int flags, cf_json_value_fn *begin,
                                             cf_json_value_fn *visit, void *context,
                                             struct cf_err *err);

/* Line and column, from 1, of a byte offset. */
void cf_json_locate(const char *bytes, size_t offset, int *out_line, int *out_column);

#endif

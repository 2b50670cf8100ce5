/* What the contract's pages say, element by element, and which requirements cover each. */
#ifndef CF_CLI_OPENAPI_ELEMENTS_H
#define CF_CLI_OPENAPI_ELEMENTS_H

#include "harness/base/json.h"

/* Errors: those of reading the file, CF_EINPUT (not such a list). */
CF_MUST_CHECK enum cf_code cf_elements_load(struct cf_json_doc *out, const char *path,
                                            struct cf_err *err);

/* Append the requirements of the element of a page at place, or of the nearest that the place is
 * part of ("components/schemas/X/properties/F, minimum" is part of "…/F"); at most four, and "…".
 * Appends nothing where no element is that near. */
void cf_elements_put_requirements(const struct cf_json_doc *elements, const char *page,
                                  const char *place, struct cf_buf *out);

#endif

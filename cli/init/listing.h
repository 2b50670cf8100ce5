/* The CVMs of a workspace, for who has to choose some. */
#ifndef CF_CLI_INIT_LISTING_H
#define CF_CLI_INIT_LISTING_H

#include "cli/init/look.h"

/* Print one line a CVM (id, kind, status, name) on standard output. Errors: CF_EPROTO (no list to
 * be had), with what was asked and answered. out_count is how many were printed. */
CF_MUST_CHECK enum cf_code cf_listing_print(struct cf_look *look, size_t *out_count,
                                            struct cf_err *err);

#endif

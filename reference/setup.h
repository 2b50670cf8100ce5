/* What a server of the reference IUT is started with. */
#ifndef CF_REF_SETUP_H
#define CF_REF_SETUP_H

#include "harness/base/err.h"
#include "reference/field.h"
#include "reference/switches.h"

#include <stddef.h>

enum { CF_REF_KIND_MAX = 64 }; /* CVMs of a kind */

struct cf_ref_options {
    unsigned port;       /* 0: a free one */
    double operation_ms; /* how long an operation runs; 0: over before the answer is sent */
    const char *const *deviations;
    size_t deviation_count;
    const char *const *variants;
    size_t variant_count;
    const char *const *out_of_sight; /* fields that the read side never shows */
    size_t out_of_sight_count;
    const char *tls_certificate_file; /* PEM; both or neither. NULL: plain HTTP */
    const char *tls_key_file;
    size_t of_a_kind;           /* CVMs, managed and contract-owned; 0: the usual number */
    const char *chain_url;      /* an EVM node's; NULL: the simulator */
    const char *const *app_ids; /* contracts there: those of the contract-owned CVMs, in turn */
    size_t app_id_count;
};

/* Whether all deviations, variants and fields exist, and go with the chain. CF_ENOTFOUND: the text
 * names the nearest. CF_EINPUT: a chain without app ids or the other way round, a malformed app id,
 * a bug that is one of the simulator. */
CF_MUST_CHECK enum cf_code cf_ref_options_check(const struct cf_ref_options *options,
                                                struct cf_err *err);

/* The switches that the options name. CF_ENOTFOUND as above. */
CF_MUST_CHECK enum cf_code cf_ref_options_switches(const struct cf_ref_options *options,
                                                   struct cf_ref_switches *on, struct cf_err *err);

/* The fields that the read side never shows, as a mask. CF_ENOTFOUND as above. */
CF_MUST_CHECK enum cf_code cf_ref_options_out_of_sight(const struct cf_ref_options *options,
                                                       const struct cf_ref_switches *on,
                                                       uint32_t *out_fields, struct cf_err *err);

#endif

/* What is found while two operations are compared; see drift.h for what the kinds mean. */
#ifndef CF_CLI_OPENAPI_DRIFT_FINDINGS_H
#define CF_CLI_OPENAPI_DRIFT_FINDINGS_H

#include "cli/openapi/document.h"

enum cf_drift_kind {
    CF_DRIFT_CONTRADICTION,
    CF_DRIFT_REMARK,
    CF_DRIFT_BEYOND,
    CF_DRIFT_KIND_COUNT
};

struct cf_drift_finding {
    enum cf_drift_kind kind;
    char *text; /* one line; may hold foreign text */
};

/* Good when zeroed. */
struct cf_drift {
    struct cf_drift_finding *items;
    size_t count, cap;
    size_t of_kind[CF_DRIFT_KIND_COUNT];
    size_t endpoints; /* that were compared */
};

void cf_drift_release(struct cf_drift *drift);

/* Keep a finding, whose text is taken; of many thousands only the number is kept. */
void cf_drift_keep(struct cf_drift *drift, enum cf_drift_kind kind, struct cf_buf *text);

/* Two operations under comparison. All borrowed. */
struct cf_compare {
    struct cf_drift *drift;
    const struct cf_json_doc *elements;
    const char *page; /* of the contract */
    const struct cf_openapi *contract, *other;
    const char *endpoint; /* "PATCH /api/v1/cvms/{cvm_id}" */
};

/* Keep a finding: "ENDPOINT: what (requirements)". place is where the contract's page says it, as
 * elements.json writes places; NULL: nowhere. */
void cf_compare_find(const struct cf_compare *c, enum cf_drift_kind kind, const char *place,
                     const char *fmt, ...) CF_PRINTF(4, 5);

#endif

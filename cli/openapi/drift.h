/*
 * An implementation's own OpenAPI document held against the contract's pages.
 *
 * Three kinds of findings. A contradiction: who follows the one is refused, or surprised, by the
 * other. A remark: the document says less than the contract, or is narrower where the contract
 * leaves that open; nothing follows from it. And what the document has beyond the contract, which
 * no case covers. Whether the server does what its document says is not asked here; that is what
 * runs are for.
 *
 * What is sent (bodies, headers) must be taken at least as widely as the contract says, and not
 * wider; what is answered may be narrower.
 */
#ifndef CF_CLI_OPENAPI_DRIFT_H
#define CF_CLI_OPENAPI_DRIFT_H

#include "cli/openapi/drift_findings.h"

/* A page of the contract. */
struct cf_drift_page {
    const char *name; /* "update-cvm.md" */
    struct cf_openapi document;
};

/* Compare the operations of the pages, and list what else the document has. elements: see
 * elements.h. */
void cf_drift_compare(struct cf_drift *drift, const struct cf_drift_page *pages, size_t page_count,
                      const struct cf_json_doc *elements, const struct cf_openapi *document);

#endif

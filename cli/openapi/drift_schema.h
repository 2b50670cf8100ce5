/* The schemas of two documents, held against each other. */
#ifndef CF_CLI_OPENAPI_DRIFT_SCHEMA_H
#define CF_CLI_OPENAPI_DRIFT_SCHEMA_H

#include "cli/openapi/drift_findings.h"

/* Compare what the contract says of a value with what the other document says. what names the value
 * for people, place for elements. answer: the server sends it. */
void cf_compare_schemas(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs,
                        const char *what, const char *place, bool answer);

#endif

/* What a hunt found, on disk: a case file for each, and explore.json. */
#ifndef CF_CLI_EXPLORE_FINDINGS_H
#define CF_CLI_EXPLORE_FINDINGS_H

#include "cli/explore_hunt.h"

/* The id of the case of a finding, by its index: "explore.found-1". */
enum { CF_FINDING_ID_BYTES = 40 };
void cf_finding_id(char out[CF_FINDING_ID_BYTES], size_t index);

/* Write folder/cases/explore/found-N.json for each stable finding, and remove those of an earlier
 * hunt. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_findings_write_cases(const struct cf_hunt *hunt, const char *folder,
                                                   struct cf_err *err);
/* Write folder/explore.json: what was asked, how much was run, what was found. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_findings_write(const struct cf_hunt *hunt, const char *folder,
                                             struct cf_err *err);

/* A finding in one sentence. The caller frees it. */
char *cf_finding_title(const struct cf_finding *finding);

#endif

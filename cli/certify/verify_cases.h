/* Judging every case of a bundle again. */
#ifndef CF_CLI_CERTIFY_VERIFY_CASES_H
#define CF_CLI_CERTIFY_VERIFY_CASES_H

#include "cli/certify/verification.h"

/* Every record is in the plan, every item of the plan has its record, and each comes out the same
 * when it is judged again from its transcript. */
void cf_verify_cases(struct cf_verification *v);

#endif

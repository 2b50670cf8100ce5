/* Making a bundle's reports and statement again, and comparing them with what it holds. */
#ifndef CF_CLI_CERTIFY_VERIFY_REPORTS_H
#define CF_CLI_CERTIFY_VERIFY_REPORTS_H

#include "cli/certify/verification.h"

/* Reports and statement are what is made from the results. What the certificate says goes to
 * out_result, which is left alone when it cannot be worked out. */
void cf_verify_reports(struct cf_verification *v, enum cf_certified *out_result);

#endif

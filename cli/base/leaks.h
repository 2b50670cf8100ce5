/* The last look at what a run leaves behind: no file of it may hold a secret of the profile. */
#ifndef CF_CLI_BASE_LEAKS_H
#define CF_CLI_BASE_LEAKS_H

#include "harness/case/profile.h"

/* Scan every file in folder and below it for the profile's secrets, in all forms that the redactor
 * knows. Each file with one is named on standard error, and left as it is. True when there is none;
 * a file that cannot be read is told and counts as one. */
bool cf_leaks_none(const struct cf_profile *profile, const char *folder);
/* The same for these files; NULL and "-" (standard output) are passed over. */
bool cf_leaks_none_in(const struct cf_profile *profile, const char *const *files, size_t count);

#endif

/* A profile as a person would write it, from what a survey found. */
#ifndef CF_CLI_INIT_DRAFT_H
#define CF_CLI_INIT_DRAFT_H

#include "cli/init/survey.h"

/* What the survey does not find out. All borrowed. */
struct cf_draft_terms {
    const char *name; /* of the implementation */
    const char *version;
    const char *base_url;
    const char *auth_header;
    const char *key_env;      /* the variable with the key, or NULL: */
    const char *key_file;     /* the file with the key */
    const char *ca_file;      /* or NULL */
    bool local;               /* the server is on this machine: look often */
    bool hashes_outlive_runs; /* what pics says of it, with contract-owned CVMs */
    const char *hooks; /* folder of the hooks for an EVM chain, as the profile names it; NULL:
                          none */
};

/* Append the profile to out, and add to the survey's gaps what it lacks. values as in
 * cf_init_values(). */
void cf_draft_profile(struct cf_survey *survey, const struct cf_draft_terms *terms,
                      const cJSON *values, struct cf_buf *out);

#endif

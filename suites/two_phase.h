/* The two phases of contract-owned KMS: finding the compose hash and the token in an answer. */
#ifndef CF_SUITES_TWO_PHASE_H
#define CF_SUITES_TWO_PHASE_H

#include "harness/match/expect.h"

/* The compose hash of a 465 answer as the IUT wrote it, NULL when there is none. The contract page
 * says only that phase 1 responds with it, so it is looked for wherever a client could find it: a
 * details row of that field, a member of that name, at any depth. */
cJSON *cf_cvm_locate_compose_hash(const struct cf_answer *answer);
/* The commit token, likewise. */
cJSON *cf_cvm_locate_commit_token(const struct cf_answer *answer);
/* Whether text is 64 hex digits, with or without 0x. */
bool cf_cvm_is_hash(const char *text);
/* Where the 64 digits begin of a hash as cf_cvm_locate_compose_hash() gives it, whatever stands
 * around them (0x, sha256:); NULL in a text that is none. */
const char *cf_cvm_hash_digits(const char *text);

#endif

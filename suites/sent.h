/*
 * What the updates that a case has sent may account for, from its record: which fields those that
 * were accepted name, and which requests were refused.
 */
#ifndef CF_SUITES_SENT_H
#define CF_SUITES_SENT_H

#include "harness/run/run.h"
#include "suites/fields.h"

enum { CF_CVM_SENT_REFUSED_MAX = 64 };

struct cf_cvm_sent {
    size_t count;                            /* updates, whatever they were answered */
    bool accepted;                           /* some may have been accepted */
    bool awaited;                            /* of which something may be to come */
    size_t last;                             /* exchange of the latest such one */
    bool free[CF_CVM_FIELD_COUNT];           /* may have been changed by those */
    size_t refused[CF_CVM_SENT_REFUSED_MAX]; /* exchanges; the earliest ones */
    size_t refused_count;
};

/* All updates since an exchange that can have had an effect on the CVM of a role, or, refused,
 * should have had none. */
struct cf_cvm_sent cf_cvm_sent_since(const struct cf_case_run *run, int role, size_t since);

/* The refused request to blame for a change of a field to a value, or, for -1, for an operation:
 * the latest that asks for that value, else that names the field, else that there is where nothing
 * was accepted. NULL: it was an accepted one. */
const struct cf_exchange *cf_cvm_sent_blamed(const struct cf_cvm_sent *sent,
                                             const struct cf_case_record *record, int field,
                                             const cJSON *value);

/* Whether the last update of the case that named the field, and was accepted or asked to be
 * registered, wanted this value: then it shows late. */
bool cf_cvm_sent_asked_earlier(const struct cf_case_run *run, int field, const cJSON *value);

/* Whether the last user_config of the case, accepted or asked to be registered, is a text that is
 * no JSON object: a read side that shows the members of one has nothing to show. */
bool cf_cvm_sent_plain_config(const struct cf_case_run *run);

#endif

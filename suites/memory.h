/*
 * What the domain remembers of a case: readings by name, the operation last accepted, the body of
 * the last first phase.
 */
#ifndef CF_SUITES_MEMORY_H
#define CF_SUITES_MEMORY_H

#include "suites/reading.h"

enum { CF_CVM_READINGS_MAX = 16, CF_CVM_CORRELATION_BYTES = 256 };

/* The last reading of an idle CVM, and how many exchanges the record had then (watch.h). */
struct cf_cvm_watched {
    bool known;
    struct cf_cvm_reading reading;
    size_t since;
    bool shown[CF_CVM_FIELD_COUNT]; /* whether any reading of the case could read the field */
    bool hidden;                    /* whether the last one could not read one that was shown */
};

/* One that a name is given to. */
struct cf_cvm_named_reading {
    char *name;
    int role;
    struct cf_cvm_reading reading;
};

struct cf_cvm_memory {
    struct cf_cvm_named_reading *readings[CF_CVM_READINGS_MAX]; /* large, and most cases have few */
    size_t reading_count;
    struct cf_cvm_watched watched[CF_ROLES_MAX];
    char correlation[CF_ROLES_MAX][CF_CVM_CORRELATION_BYTES]; /* of the last 202, "" for none */
    char shown[CF_ROLES_MAX][CF_CVM_CORRELATION_BYTES]; /* of the last one whose lag is over */
    char completed[CF_CVM_CORRELATION_BYTES]; /* of the last one that the list showed to be so, */
    size_t completed_at;                      /* and how many exchanges there were then */
    cJSON *phase1;  /* the JSON body of the last request that was answered 465 */
    bool endless;   /* the list shows as running what is over */
    bool ends;      /* the list has shown an operation of this case as ended */
    bool untold;    /* no list says how the operation last waited for has ended */
    int harmless;   /* 1 + the field that the case calls harmless; 0: not chosen yet */
    cJSON *given;   /* the values of it that were handed out since the last reading, an array */
    cJSON *in_part; /* what was judged in part, by field: why */
};

/* The case's memory, made on first use. */
struct cf_cvm_memory *cf_cvm_memory_of(struct cf_case_run *run);
void cf_cvm_memory_end(struct cf_case_run *run);
/* Keep correlation ids and first phases. */
void cf_cvm_memory_answered(struct cf_case_run *run, const cJSON *step,
                            const struct cf_answer *answer);

/* Keep a reading under a name (taken over; an older one of that name and role is dropped). */
void cf_cvm_memory_keep(struct cf_case_run *run, const char *name, int role,
                        struct cf_cvm_reading *reading);
/* Put a reading (taken over) in the place of every one kept for the role. */
void cf_cvm_memory_renew(struct cf_case_run *run, int role, struct cf_cvm_reading *reading);
/* The reading of that name; NULL: the latest one of the role. NULL when there is none. */
const struct cf_cvm_reading *cf_cvm_memory_reading(struct cf_case_run *run, const char *name,
                                                   int role);

#endif

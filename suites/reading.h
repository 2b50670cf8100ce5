/*
 * Reading a CVM: what the profile's preset and overrides say about where each field shows, and two
 * readings compared. The read side is not part of the contract; a field that cannot be read makes
 * a case inconclusive, never passed. reading.c reads, reading_compare.c compares.
 */
#ifndef CF_SUITES_READING_H
#define CF_SUITES_READING_H

#include "harness/run/run.h"
#include "suites/fields.h"

/* Besides the fields: what else of a CVM is looked at. */
enum cf_cvm_aspect {
    CF_CVM_IN_PROGRESS,
    CF_CVM_APP_ID,
    CF_CVM_COMPOSE_HASH,
    CF_CVM_KMS_TYPE,
    CF_CVM_VM_UUID,
    CF_CVM_NAME,
    CF_CVM_OPERATIONS, /* this and what follows is looked at when it is asked for */
    CF_CVM_APP_COMPOSE,
    CF_CVM_ASPECT_COUNT
};
const char *cf_cvm_aspect_name(enum cf_cvm_aspect aspect);

enum { CF_CVM_WHY_BYTES = 300 };

#define CF_CVM_BUSY_UNREAD "whether an operation runs could not be read"

struct cf_cvm_reading {
    bool mapped[CF_CVM_FIELD_COUNT];        /* the profile says where it is read */
    bool observed[CF_CVM_FIELD_COUNT];      /* false: not mapped, or could not be read */
    bool unread[CF_CVM_FIELD_COUNT];        /* nothing told what is there: see cf_run_read() */
    bool nothing_there[CF_CVM_FIELD_COUNT]; /* observed, and nothing is where it is said to show: an
                                               empty value, or a pointer that leads nowhere */
    cJSON *values[CF_CVM_FIELD_COUNT];      /* NULL: absent */
    cJSON *aspects[CF_CVM_ASPECT_COUNT];    /* likewise; those read when asked for stay NULL */
    bool lent[CF_CVM_FIELD_COUNT];          /* the value is part of an answer; else it is owned */
    bool lent_aspects[CF_CVM_ASPECT_COUNT];
    char why_not[CF_CVM_FIELD_COUNT][CF_CVM_WHY_BYTES]; /* reason where not observed */
    char why_not_busy[CF_CVM_WHY_BYTES]; /* in_progress is mapped, and could not be read; else "" */
    double grain[CF_CVM_FIELD_COUNT]; /* how far a size may be from its reading, which is rounded to
                                         the digits that show; 0: it is what it reads as */
    struct cf_cvm_holding *holding;   /* NULL: nothing is held */
};

void cf_cvm_reading_release(struct cf_cvm_reading *reading);
/* Make to, which holds nothing yet, the same reading. Neither's values may be put in the place of
 * others from here on: both have them. */
void cf_cvm_reading_share(struct cf_cvm_reading *to, struct cf_cvm_reading *from);

/* Read a CVM once: every mapped path is fetched once, which takes its time where it fails (see
 * cf_run_read()); what could not be read is left unobserved, with the reason. Errors, where nothing
 * at all could be read: the last read's, or CF_EPROTO. */
CF_MUST_CHECK enum cf_code cf_cvm_reading_take(struct cf_case_run *run, const char *id,
                                               const char *purpose, struct cf_cvm_reading *out,
                                               struct cf_err *err);
/* The same of a CVM of which is known that nothing runs on it, by the operations list or by the
 * reading before: where one answer takes long, whether something runs is read at the same moment
 * as the rest. */
CF_MUST_CHECK enum cf_code cf_cvm_reading_take_idle(struct cf_case_run *run, const char *id,
                                                    const char *purpose, struct cf_cvm_reading *out,
                                                    struct cf_err *err);

/* Reach the verdict that a reading deserves which could not be taken: the case is inconclusive, or
 * in error where the fault is ours. */
void cf_cvm_reading_failed(struct cf_case_run *run, enum cf_code code, const struct cf_err *err);
/* cf_cvm_reading_take(), or cf_cvm_reading_take_idle(), for a step that is over without a reading:
 * false when the case has its verdict. */
bool cf_cvm_reading_take_or_end(struct cf_case_run *run, const char *id, bool idle,
                                struct cf_cvm_reading *out);

/* Whether an operation is running: 1, 0, or -1 where the reading does not tell: what was read has
 * no such flag, or it could not be read (why_not_busy). */
int cf_cvm_reading_busy(const struct cf_cvm_reading *reading);

/* Whether the profile, or its preset, says where a field is read. */
bool cf_cvm_reading_maps_field(const struct cf_profile *profile, int field);
/* Whether a field is read in a larger unit than an update's, so that it may be rounded. */
bool cf_cvm_reading_is_coarse(const struct cf_profile *profile, int field);
/* Whether the profile says where an aspect is read. */
bool cf_cvm_reading_maps(const struct cf_profile *profile, enum cf_cvm_aspect aspect);

/* Where an aspect is read; false where the profile does not say. */
bool cf_cvm_reading_finds(const struct cf_profile *profile, enum cf_cvm_aspect aspect,
                          struct cf_cvm_shown *out);

/* What the operations list says of an operation. */
enum cf_cvm_listing {
    CF_CVM_LISTED,
    CF_CVM_NOT_LISTED, /* there is a list, without it */
    CF_CVM_NO_LIST,    /* it is not mapped, or what is there is no list */
    CF_CVM_LIST_UNREAD /* nothing is known */
};
/* The status of one that runs. */
#define CF_CVM_RUNNING "in_progress"
/* The usual purpose of such a look. */
#define CF_CVM_LOOK "look for the operation"
/* Look for an operation. Its status ("in_progress", "completed", "failed" or another text) is
 * copied to out where it is listed; for every other result err says why, and for
 * CF_CVM_LIST_UNREAD it has the code of cf_run_read(). */
enum cf_cvm_listing cf_cvm_reading_operation(struct cf_case_run *run, const char *purpose,
                                             const char *id, const char *correlation_id, char *out,
                                             size_t out_size, struct cf_err *err);

enum { CF_CVM_UNKNOWN = -1 };
/* How many operations the list shows as running, whichever they are; CF_CVM_UNKNOWN where there is
 * no list to be had, and err says why. */
int cf_cvm_reading_running(struct cf_case_run *run, const char *purpose, const char *id,
                           struct cf_err *err);

/* ---- reading_compare.c ---- */

/* Whether a field can be seen at all: it is neither out of sight nor was it unreadable just now. */
bool cf_cvm_reading_sees(const struct cf_cvm_reading *reading, int field);
/* Whether a reading shows a value, as far as it shows it: a rounded size may be any that is rounded
 * so. */
bool cf_cvm_reading_shows(const struct cf_cvm_reading *reading, int field, const cJSON *asked);

/* Tell every difference between a later reading and what it should be: asked's members have their
 * values, all other fields are as before. Returns the number of differences for sure; report: as
 * failures of the case. Where there is none, but a field that counts could not be read,
 * CF_CVM_UNKNOWN is returned; report: the case is inconclusive and names the field. What is
 * declared out of sight, or hidden by the form of its reading, is passed over; what shows in part
 * is judged in part. Either is noted in the case's observation. A field that was not asked for and
 * shows nowhere costs nothing; one of which a read told nothing is not known to be as before.
 */
int cf_cvm_reading_compare(struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked, bool report);
/* Whether what a case has noted (JSON text) says no more than that fields showed in part, or not at
 * all, for reasons that leave out nothing of what one, within that case, asks: the form of a
 * user_config has but some members, of any text; or the profile has a field out of sight that one
 * does not name. */
bool cf_cvm_reading_left_nothing_out(const struct cf_case *one, const char *observation);
/* Whether a field that was asked for shows its old value still. */
bool cf_cvm_reading_is_old(const struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked);
/* Whether something was asked for, and all of it was passed over by cf_cvm_reading_compare(); then
 * why is the reason for the first. */
bool cf_cvm_reading_passes_over(struct cf_case_run *run, const struct cf_cvm_reading *before,
                                const struct cf_cvm_reading *after, const cJSON *asked, char *why,
                                size_t why_size);

/* A copy of what was read for a field, null where it is absent; the caller frees it. */
cJSON *cf_cvm_reading_value(const struct cf_cvm_reading *reading, int field);
/* The reading as a JSON object of the observed fields. */
cJSON *cf_cvm_reading_json(const struct cf_cvm_reading *reading);

extern const char *const cf_cvm_presets[];        /* NULL-terminated */
extern const char *const cf_cvm_observed_names[]; /* fields and aspects, NULL-terminated */

#endif

/*
 * Reading a CVM: what the profile's preset and overrides say about where each field shows, and two
 * readings compared. The read side is not part of the contract; a field that cannot be read makes
 * a case inconclusive, never passed.
 */
#ifndef CF_SUITES_READING_H
#define CF_SUITES_READING_H

#include "harness/run/run.h"
#include "suites/fields.h"

/* Besides the fields: what else of a CVM is looked at. */
enum cf_aspect { CF_IN_PROGRESS, CF_APP_ID, CF_COMPOSE_HASH, CF_OPERATIONS, CF_ASPECT_COUNT };
extern const char *const cf_aspect_names[CF_ASPECT_COUNT];

struct cf_reading {
    bool observed[CF_FIELD_COUNT];     /* false: not mapped, or could not be read */
    cJSON *values[CF_FIELD_COUNT];     /* owned; NULL: absent */
    cJSON *aspects[CF_ASPECT_COUNT];   /* owned; operations are not filled in */
    char why_not[CF_FIELD_COUNT][160]; /* reason where not observed */
};

void cf_reading_release(struct cf_reading *reading);

/* Read a CVM once: every mapped path is fetched once. Errors: CF_ENET and the like when the IUT
 * does not answer; CF_EPROTO when nothing at all could be read, with the reason. */
CF_MUST_CHECK enum cf_code cf_reading_take(struct cf_case_run *run, const char *id,
                                           const char *purpose, struct cf_reading *out,
                                           struct cf_err *err);

/* Whether an operation is running: 1, 0, or -1 where the reading does not tell. */
int cf_reading_busy(const struct cf_reading *reading);

/* Whether a field has a place to be read from. */
bool cf_reading_maps(const struct cf_profile *profile, const char *name);

/* The status of an operation in the operations list: "in_progress", "completed", "failed" or
 * another text, copied to out; CF_ENOTFOUND when the list is not mapped or lacks the id. */
CF_MUST_CHECK enum cf_code cf_reading_operation(struct cf_case_run *run, const char *id,
                                                const char *correlation_id, char *out,
                                                size_t out_size, struct cf_err *err);

/* Tell every difference between a later reading and what it should be: asked's members have their
 * values, all other fields are as before. Returns the number of differences; report: as failures
 * of the case. A present field that cannot be read makes the case inconclusive (and counts as 1).
 */
int cf_reading_compare(struct cf_case_run *run, const struct cf_reading *before,
                       const struct cf_reading *after, const cJSON *asked, bool report);

/* The reading as a JSON object of the observed fields. */
cJSON *cf_reading_json(const struct cf_reading *reading);

extern const char *const cf_presets[];        /* NULL-terminated */
extern const char *const cf_observed_names[]; /* fields and aspects, NULL-terminated */

#endif

/*
 * What looking tells of a server's CVMs: which shape its read side has, whose keys each CVM runs
 * on, where every field shows, and what it is set to now.
 *
 * Nothing is sent but GETs (look.h), and each page of a CVM is asked for once. Answers are foreign:
 * whatever they hold is checked for its type before it is used.
 */
#ifndef CF_CLI_INIT_SURVEY_H
#define CF_CLI_INIT_SURVEY_H

#include "cli/init/gaps.h"
#include "cli/init/look.h"
#include "suites/fields.h"

enum cf_survey_kind {
    CF_SURVEY_MANAGED,
    CF_SURVEY_CONTRACT_OWNED,
    CF_SURVEY_FOREIGN,
    CF_SURVEY_GPU_RENTAL,
    CF_SURVEY_KIND_COUNT
};
/* As the profile calls it. */
const char *cf_survey_kind_name(enum cf_survey_kind kind);

struct cf_survey_page {
    const char *path; /* with {cvm_id}; borrowed */
    enum cf_cvm_preset preset;
    struct cf_look_answer answer;
};

enum { CF_SURVEY_PAGES_MAX = 16 };

struct cf_survey_cvm {
    const char *id; /* borrowed */
    enum cf_survey_kind kind;
    struct cf_survey_page pages[CF_SURVEY_PAGES_MAX];
    size_t page_count;
};

/* Where a field shows. */
enum cf_survey_place_kind { CF_SURVEY_NOWHERE, CF_SURVEY_AS_THE_PRESET, CF_SURVEY_ELSEWHERE };

enum { CF_SURVEY_POINTER_BYTES = 64 };

struct cf_survey_place {
    enum cf_survey_place_kind kind;
    struct cf_cvm_shown shown; /* but for NOWHERE */
    char pointer[CF_SURVEY_POINTER_BYTES];
};

struct cf_survey {
    struct cf_look *look; /* borrowed */
    struct cf_survey_cvm *cvms;
    size_t cvm_count, cvm_cap;
    enum cf_cvm_preset preset;
    struct cf_survey_place places[CF_CVM_FIELD_COUNT];
    cJSON *current[CF_CVM_FIELD_COUNT]; /* arrays: what our CVMs are set to, each value once */
    char *unknown[2];                   /* ids that were answered 404; NULL: none */
    struct cf_gaps *gaps;               /* borrowed */
};

void cf_survey_release(struct cf_survey *survey);

/* Look at one CVM named by the user as what (a kind, or MANAGED for "find out"), and keep it. One
 * of another workspace becomes FOREIGN. Errors: CF_EINPUT (named twice, an answer that does not fit
 * what it was named as), CF_EPROTO (no answer to go by), with what was asked and answered. */
CF_MUST_CHECK enum cf_code cf_survey_add(struct cf_survey *survey, const char *id,
                                         enum cf_survey_kind what, struct cf_err *err);

/* After the last CVM (survey_look.c): find preset, places, values and ids that do not exist. */
void cf_survey_look(struct cf_survey *survey);

/* GET path, {cvm_id} filled in with any id; the caller releases out. */
void cf_survey_ask(struct cf_survey *survey, const char *path, const char *id,
                   enum cf_cvm_preset preset, struct cf_look_answer *out);
/* The page of a CVM at path, in the shape of a preset. Valid until the survey is released. */
const struct cf_look_answer *cf_survey_page(struct cf_survey *survey, struct cf_survey_cvm *cvm,
                                            const char *path, enum cf_cvm_preset preset);

/* Parts of cf_survey_look(), in survey_places.c. */
void cf_survey_find_preset(struct cf_survey *survey);
void cf_survey_find_places(struct cf_survey *survey);

/* Whose keys a CVM runs on, by what the read side shows of it: CONTRACT_OWNED, MANAGED, or
 * KIND_COUNT where nothing tells. */
enum cf_survey_kind cf_survey_kms(const cJSON *shown);

/* Whether the CVM is one that a run changes. */
bool cf_survey_is_ours(const struct cf_survey_cvm *cvm);
size_t cf_survey_count(const struct cf_survey *survey, enum cf_survey_kind kind);

#endif

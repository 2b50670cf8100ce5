/* A requirement and the cases that check it, as data. */
#ifndef CF_CASE_CASE_H
#define CF_CASE_CASE_H

#include "harness/case/domain.h"
#include "harness/record/record.h"

enum { CF_ROLES_MAX = 4 };

/* One file. */
struct cf_requirement {
    char *id;
    char *suite;
    enum cf_level level;
    const char *statement; /* into doc */
    const char *source;
    char *file; /* "cases/SUITE/NAME.json" */
    struct cf_json_doc doc;
    cJSON *made_rows; /* of its cases: those that stand in no file (see cf_rows_of()) */
    bool extra;       /* from a --cases folder, not shipped */
};

/* A fixture that a case wants: its name in the case, and its kind. */
struct cf_role {
    const char *name; /* into the requirement's doc */
    const struct cf_fixture_kind *kind;
};

struct cf_case {
    char *id;
    size_t index; /* in the catalogue's cases */
    char *title;
    const struct cf_requirement *requirement;
    char **also; /* ids of further requirements it checks */
    size_t also_count;
    char *control;               /* id of a case whose pass this one's verdict needs, or NULL */
    char *shares;                /* id of a case that makes the same exchanges, or NULL */
    char *from;                  /* the part of that one which this one is; NULL: its beginning */
    bool is_within;              /* what that one asks: shared exchanges are judged by its steps */
    const struct cf_case *whole; /* that one, where this is within it, once all cases are read */
    struct cf_role roles[CF_ROLES_MAX];
    size_t role_count;
    const cJSON *node;  /* the case as written, in requirement->doc */
    const cJSON *steps; /* array in requirement->doc */
    const cJSON *row;   /* of a file, or of requirement->made_rows; NULL without for_each */
    char **needs_pics;  /* items that must be claimed; "!item": that must not */
    size_t needs_pics_count;
    int line;
};

/* Id of the number-th requirement that the case checks: 0 is its own, the others are its "also".
 * NULL past the last. */
const char *cf_case_requirement_id(const struct cf_case *one, size_t number);
/* Whether the case checks the requirement of that id. */
bool cf_case_checks(const struct cf_case *one, const char *requirement_id);

void cf_requirement_free(struct cf_requirement *requirement);
void cf_case_free(struct cf_case *one);

#endif

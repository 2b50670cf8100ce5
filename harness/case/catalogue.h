/*
 * The catalogue: requirements and their cases, read from a folder of JSON files.
 *
 * cases/SUITE/NAME.json holds the requirement SUITE.NAME: its level, source and statement, and the
 * cases that check it; cases/shared/NAME.json holds arrays of rows that several files share. A case
 * with for_each becomes one case a row, with the row's id in brackets. Everything is checked here:
 * a catalogue that loads needs no further question about its form.
 */
#ifndef CF_CASE_CATALOGUE_H
#define CF_CASE_CATALOGUE_H

#include "harness/base/json.h"
#include "harness/case/domain.h"
#include "harness/record/record.h"

enum {
    CF_CASES_MAX = 20000, /* after expanding rows */
    CF_CASE_FILES_MAX = 2000,
    CF_CASE_FILE_MAX_BYTES = 4 << 20,
    CF_ROLES_MAX = 4,
    CF_STEPS_MAX = 64
};

/* One file. */
struct cf_requirement {
    char *id;
    char *suite;
    enum cf_level level;
    const char *statement; /* into doc */
    const char *source;
    char *file; /* "cases/SUITE/NAME.json" */
    struct cf_json_doc doc;
    char **lines; /* the file's lines, for quoting; line n is lines[n - 1] */
    size_t line_count;
    bool extra; /* from a --cases folder, not shipped */
};

/* A fixture that a case wants: its name in the case, and its pool. */
struct cf_role {
    char *name;
    const char *pool; /* in the vocabulary */
};

struct cf_case {
    char *id;
    size_t index; /* in the catalogue's cases */
    char *title;
    const struct cf_requirement *requirement;
    char **also; /* ids of further requirements it checks */
    size_t also_count;
    char *control; /* id of a case whose pass this one's verdict needs, or NULL */
    struct cf_role roles[CF_ROLES_MAX];
    size_t role_count;
    const cJSON *node;  /* the case as written, in requirement->doc */
    const cJSON *steps; /* array in requirement->doc */
    cJSON *row;         /* members of its row (owned), NULL without for_each */
    char **needs_pics;  /* items that must be claimed; "!item": that must not */
    size_t needs_pics_count;
    int line;
};

struct cf_catalogue {
    struct cf_requirement **requirements; /* by suite (in the order of names), then by id */
    size_t requirement_count;
    struct cf_case **cases; /* by requirement, then as written */
    size_t case_count;
    struct cf_case **by_id; /* the same ones, for look-ups */
    char sha256[65];        /* of all shipped files: names and bytes */
};

struct cf_engine; /* whose words they are; only the checks know what it is */

/* How a step of a case may look: its word, the members beside it, and a check of its values. */
struct cf_step_form {
    const char *word;
    const char *const *required; /* besides the word */
    const char *const *optional;
    enum cf_code (*check)(const struct cf_engine *engine, const struct cf_json_doc *doc,
                          const cJSON *step, const char *path, struct cf_err *err);
};

/* Makes rows by computation; the caller frees the array. */
struct cf_row_generator {
    const char *name;
    cJSON *(*make)(void);
};

/* Writes out in place what a case (as read, nothing of it checked) says in short forms of the
 * domain; path leads to the case. Errors: CF_EINPUT. */
typedef enum cf_code cf_write_out_fn(const struct cf_json_doc *doc, cJSON *one, const char *path,
                                     struct cf_err *err);

struct cf_catalogue_language {
    const struct cf_engine *engine;
    const struct cf_vocabulary *vocabulary;
    const struct cf_step_form *const *forms;   /* NULL-terminated */
    const struct cf_row_generator *generators; /* ends with a NULL name */
    cf_write_out_fn *write_out;                /* before anything looks at a case */
};

/* Called for each mistake with its whole text; the loader goes on to find more. */
typedef void cf_problem_fn(void *context, const char *text);

/* Load dir (shipped) and count extra_dirs. Errors: CF_EINPUT when there was any mistake, after all
 * were told to problem; CF_ENOTFOUND, CF_EIO, CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_catalogue_load(struct cf_catalogue *out, const char *dir,
                                             const char *const *extra_dirs, size_t extra_count,
                                             const struct cf_catalogue_language *language,
                                             cf_problem_fn *problem, void *context,
                                             struct cf_err *err);
void cf_catalogue_release(struct cf_catalogue *catalogue);

/* By id; NULL where there is none. */
const struct cf_requirement *cf_catalogue_requirement(const struct cf_catalogue *catalogue,
                                                      const char *id);
const struct cf_case *cf_catalogue_case(const struct cf_catalogue *catalogue, const char *id);

/* Id of the number-th requirement that the case checks: 0 is its own, the others are its "also".
 * NULL past the last. */
const char *cf_case_requirement_id(const struct cf_case *one, size_t number);
/* Whether the case checks the requirement of that id. */
bool cf_case_checks(const struct cf_case *one, const char *requirement_id);

/* The file's line for quoting, without indentation; "" where there is none. */
const char *cf_requirement_line(const struct cf_requirement *requirement, int line);

#endif

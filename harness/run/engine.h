/*
 * What the engine runs: the words that case files may use, and what they act on.
 *
 * The engine knows requests, answers, captures and verdicts. What a fixture is, how it is read and
 * what its answers mean comes from the domain as a cf_engine, a table of names and functions; the
 * engine never names one of its words.
 */
#ifndef CF_RUN_ENGINE_H
#define CF_RUN_ENGINE_H

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/case/catalogue.h"
#include "harness/case/profile.h"
#include "harness/http/client.h"
#include "harness/match/expect.h"
#include "harness/record/record.h"

struct cf_io;
struct cf_case_run;

/* A step word: its form for the loader, and what it does. */
struct cf_step_word {
    struct cf_step_form form;
    void (*run)(struct cf_case_run *run, const cJSON *step);
    bool judges; /* the step as a whole is an expectation, failing through cf_run_fail() */
};

struct cf_endpoint {
    const char *name;
    const char *method;
    const char *path; /* "{id}" stands for the fixture */
};

/* "@name" in a capture: find a value in an answer. NULL when it is not there. */
struct cf_locator {
    const char *name;
    cJSON *(*locate)(const struct cf_answer *answer);
};

/* Values whose name starts with prefix ("fresh."). name is what follows the prefix. */
struct cf_value_source {
    const char *prefix;
    enum cf_code (*resolve)(struct cf_case_run *run, const char *name, cJSON **out_value,
                            struct cf_err *err);
};

struct cf_engine {
    const struct cf_vocabulary *vocabulary;
    const struct cf_row_generator *generators;        /* ends with a NULL name */
    cf_write_out_fn *write_out;                       /* the domain's short forms. May be NULL. */
    const struct cf_endpoint *endpoints;              /* ends with a NULL name */
    const struct cf_step_word *const *words;          /* NULL-terminated */
    const struct cf_expect_word *const *expect_words; /* NULL-terminated */
    const struct cf_locator *locators;                /* ends with a NULL name */
    const struct cf_value_source *values;             /* ends with a NULL prefix */
    /* Called for each answer to a request step, so that the domain can remember. May be NULL. */
    void (*answered)(struct cf_case_run *run, const cJSON *step, const struct cf_answer *answer);
    /* Free run->domain. May be NULL. */
    void (*end)(struct cf_case_run *run);
    /* Read the main fixture as it is before anything is done to it: JSON text, freed by the caller.
     * On failure err says in plain words what is wrong, and for whom. */
    enum cf_code (*snapshot)(struct cf_case_run *run, char **out_json, struct cf_err *err);
    /* Bring the main fixture back to a snapshot. */
    enum cf_code (*restore)(struct cf_case_run *run, const cJSON *snapshot, struct cf_err *err);
    /* Whether the main fixture is ready for the next case (no operation left running). */
    bool (*ready)(struct cf_case_run *run);
    /* Whether the IUT is there, takes the credentials and refuses nonsense: judged from requests to
     * the main fixture; err says in plain words why not. */
    enum cf_code (*preflight)(struct cf_case_run *run, struct cf_err *err);
};

/* The engine's own words (request, hook, let, check, note) with the domain's after them:
 * NULL-terminated, freed by the caller. NULL without memory. */
const struct cf_step_word **cf_engine_words(const struct cf_engine *engine);
/* Their forms, for the loader. */
const struct cf_step_form **cf_engine_forms(const struct cf_engine *engine);
/* All that the loader has to know; forms, from cf_engine_forms(), are borrowed. */
struct cf_catalogue_language cf_engine_language(const struct cf_engine *engine,
                                                const struct cf_step_form *const *forms);

/* ---- a case being run ---- */

struct cf_case_run {
    const struct cf_engine *engine;
    const struct cf_profile *profile;
    const struct cf_case *one; /* NULL in housekeeping (snapshot, restore, preflight) */
    struct cf_io *io;
    struct cf_case_record *record;
    struct cf_random random;
    const char *fixtures[CF_ROLES_MAX]; /* ids, as one->roles */
    double started_ms;                  /* io's time */
    cJSON *vars;                        /* captures and let values */
    int step;                           /* index of the step being run */
    const cJSON *step_node;             /* as written */
    bool setup;                         /* the step prepares; its failures prove nothing */
    bool over;                          /* a verdict was reached */
    unsigned end;                       /* enum cf_case_end */
    struct cf_json_doc last_doc;        /* the last answer's body */
    char *last_json_error;
    struct cf_answer last;
    size_t last_index; /* of last.exchange in the record */
    void *domain;      /* the domain's memory of this case */
};

/* What a case, a step or housekeeping may do; all of them keep the transcript. */

/* Send a request and append the exchange to the record; run->last is its answer. request's headers
 * are complete but for the profile's own and the credentials. 429 and 503 with Retry-After are
 * waited for within a cap. CF_OK when answered. On any other code nothing was judged yet: see
 * cf_run_no_answer(). */
enum cf_code cf_run_send(struct cf_case_run *run, const char *purpose,
                         const struct cf_http_request *request, struct cf_err *err);
/* Whether an answer says no more than "not now, come again": 429, or 503 with Retry-After. Such an
 * answer tells nothing about what was asked. */
bool cf_run_held_off(const struct cf_exchange *exchange);
/* GET path (with "{id}" replaced by id, percent-encoded; NULL: nothing to replace). Reads are tried
 * once more when the connection drops. */
enum cf_code cf_run_get(struct cf_case_run *run, const char *purpose, const char *path,
                        const char *id, struct cf_err *err);
/* Send a JSON body to a named endpoint of a fixture, with the profile's headers and credentials. */
enum cf_code cf_run_send_json(struct cf_case_run *run, const char *purpose, const char *endpoint,
                              const char *id, const char *json, struct cf_err *err);
/* Send several at the same moment; answers are appended to the record in order. codes and
 * out_first (index of the first one's exchange) may be NULL. */
enum cf_code cf_run_send_together(struct cf_case_run *run, const char *purpose,
                                  const struct cf_http_request *requests, size_t count,
                                  enum cf_code *codes, size_t *out_first, struct cf_err *err);
/* Call a hook with inputs (an object of strings); its output object goes to *out. Errors:
 * CF_ENOTFOUND (the profile has none), CF_EIO, CF_ETIMEOUT, CF_EPROTO (no JSON object). */
enum cf_code cf_run_hook(struct cf_case_run *run, const char *name, const cJSON *inputs,
                         cJSON **out, struct cf_err *err);

/* Waiting for the IUT: begin, then do { look } while (cf_run_poll_again()). */
struct cf_poll {
    double deadline_ms;
    double interval_ms;
};
struct cf_poll cf_run_poll_begin(struct cf_case_run *run, double timeout_ms);
/* Pause for one interval; false when the deadline has passed (noted in the transcript as what). */
bool cf_run_poll_again(struct cf_case_run *run, struct cf_poll *poll, const char *what);

/* Complete a request: absolute URL, profile's headers, credentials. path may hold "{id}". */
enum cf_code cf_run_request_init(struct cf_case_run *run, struct cf_http_request *out,
                                 const char *method, const char *path, const char *id, bool auth,
                                 struct cf_err *err);
void cf_run_request_release(struct cf_http_request *request);
const struct cf_endpoint *cf_engine_endpoint(const struct cf_engine *engine, const char *name);

/* ---- verdicts: the first one that is reached stands ---- */

/* An expectation was not met. In a setup step, or in a case of level observe, the case is
 * inconclusive instead. */
void cf_run_fail(struct cf_case_run *run, const struct cf_mismatch *mismatch);
/* The same for callers without a mismatch of an answer; origin NULL: the step itself. */
void cf_run_fail_text(struct cf_case_run *run, const cJSON *origin, const char *expected,
                      const char *actual, const char *message);
void cf_run_inconclusive(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
void cf_run_error(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/* Nothing but the moment is to blame: another try may tell. */
void cf_run_undecided(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/* A request had no answer: error for what is between us and the IUT, fail for an answer that is no
 * HTTP. */
void cf_run_no_answer(struct cf_case_run *run, enum cf_code code, const struct cf_err *err);
/* Add a member to the case's observation (value is taken over). */
void cf_run_note(struct cf_case_run *run, const char *name, cJSON *value);

/* ---- values ---- */

/* A copy of node with every ${...} filled in. On failure the case gets its verdict, and NULL is
 * returned. */
cJSON *cf_run_expand(struct cf_case_run *run, const cJSON *node);
/* Remember a value under a name (value is taken over). */
void cf_run_set(struct cf_case_run *run, const char *name, cJSON *value);
/* Index of a role of the case by name, the first one for NULL; -1 when there is none. */
int cf_run_role(const struct cf_case_run *run, const char *name);
/* The fixture id of a role, NULL when there is none. */
const char *cf_run_fixture(const struct cf_case_run *run, const char *role);
/* Run a step in place (for words that hold one). */
void cf_run_step(struct cf_case_run *run, const cJSON *step);

/* ---- running one whole case ---- */

struct cf_case_setting {
    const struct cf_engine *engine;
    const struct cf_profile *profile;
    unsigned long long seed;
};

/* Which run of a case this is. No two use the same random values. */
struct cf_turn {
    int attempt; /* of those that the user asked for, from 1 */
    int tries;   /* of this attempt, this one included; see cf_run_undecided() */
};

enum cf_case_end {
    CF_END_STUCK = 1,    /* a fixture is left busy for good */
    CF_END_UNDECIDED = 2 /* inconclusive, and another try may tell */
};

/* Run a case on these fixtures (ids in the order of its roles) over io and fill record (zeroed by
 * the caller). Never fails: trouble is a verdict. Returns enum cf_case_end. */
unsigned cf_case_execute(const struct cf_case_setting *setting, const struct cf_case *one,
                         const char *const *fixtures, struct cf_turn turn, struct cf_io *io,
                         struct cf_case_record *record);
/* Fill in what a record says about its case before it runs. */
void cf_case_describe(const struct cf_case *one, int attempt, struct cf_case_record *record);
/* Start and end a run without a case, for housekeeping on one fixture. */
void cf_case_run_begin(struct cf_case_run *run, const struct cf_case_setting *setting,
                       const struct cf_case *one, const char *const *fixtures, struct cf_turn turn,
                       struct cf_io *io, struct cf_case_record *record);
void cf_case_run_end(struct cf_case_run *run);

#endif

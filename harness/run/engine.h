/*
 * What a domain fills in: words of case files, endpoints, values, and how a fixture is looked
 * after.
 *
 * The engine knows requests, answers, captures and verdicts. What a fixture is, how it is read and
 * what its answers mean comes from the domain as a cf_engine, a table of names and functions; the
 * engine never names one of its words. What those functions may do is in run.h.
 */
#ifndef CF_RUN_ENGINE_H
#define CF_RUN_ENGINE_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"
#include "harness/match/expect.h"

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
    const char *path; /* "{cvm_id}" stands for the fixture */
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

/* Values that must be distinct over a whole run: see distinct.h. */
struct cf_distinct_kind {
    const char *word;    /* of the step that asks for it */
    const char *name;    /* of several of them, for messages */
    const char *message; /* what it means when two are the same, one sentence */
    const char *mark;    /* a text that each record with such a value holds */
    /* The value in an answer, freed by the caller; NULL where there is none. */
    char *(*find)(const struct cf_exchange *exchange);
};

struct cf_engine {
    bool own_questions_only; /* cf_run_charge() does nothing: for asking what steps catch */
    const struct cf_vocabulary *vocabulary;
    const struct cf_row_generator *generators; /* ends with a NULL name */
    cf_write_out_fn *write_out;                /* the domain's short forms. May be NULL. */
    const struct cf_endpoint *endpoints;       /* ends with a NULL name */
    const char *sign_of_life; /* path of a GET that an IUT answers that is there. May be NULL. */
    const struct cf_step_word *const *words;          /* NULL-terminated */
    const struct cf_expect_word *const *expect_words; /* NULL-terminated */
    const struct cf_locator *locators;                /* ends with a NULL name */
    const struct cf_value_source *values;             /* ends with a NULL prefix */
    const struct cf_distinct_kind *distinct;          /* NULL: nothing has to be */
    /* Whether an exchange started what the IUT then works on, which is what a run costs. May be
     * NULL: nothing does. */
    bool (*starts_operation)(const struct cf_exchange *exchange);
    /* Called before a request step is sent, with its values filled in: reach a verdict where it
     * must not be. May be NULL. */
    void (*withhold)(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len);
    /* Called for each answer to a request step, so that the domain can remember. May be NULL. */
    void (*answered)(struct cf_case_run *run, const cJSON *step, const struct cf_answer *answer);
    /* Called before the first step of a case that seeks a lock (struct cf_turn): see to it that the
     * main fixture takes an update, else reach a verdict. May be NULL. */
    void (*unlocked)(struct cf_case_run *run);
    /* Called when no step is left, or the case has its verdict: the last moment to look at the
     * fixtures of a case, and to call cf_run_charge(). May be NULL. */
    void (*finish)(struct cf_case_run *run);
    /* Whether all that a case sends is to be refused, and its last step is a look that has to find
     * the main fixture as its first one did: how many looks, 0 where it is not so. *out_if_refused:
     * it has to where all is refused, and something may be taken as well. May be NULL: none is. */
    unsigned (*ends_as_found)(const struct cf_case *one, bool *out_if_refused);
    /* Those looks at the main fixture. Where there are several the first is no part of it: the case
     * itself has taken it, and only the later ones may be assumed. */
    enum cf_code (*look)(struct cf_case_run *run, unsigned looks, struct cf_err *err);
    /* Whether a case that has noted this observation (JSON text) was asked and judged in all that
     * one, which is within it, asks. May be NULL: none that noted something was. */
    bool (*left_nothing_out)(const struct cf_case *one, const char *observation);
    /* Free run->domain. May be NULL. */
    void (*end)(struct cf_case_run *run);
    /* Read the main fixture as it is before anything is done to it: JSON text, freed by the caller,
     * of an object of two: "values", what is to be put back, by name; "unknown", why another part
     * of it could not be read, by name. On failure err says in plain words what is wrong, and for
     * whom. */
    enum cf_code (*snapshot)(struct cf_case_run *run, char **out_json, struct cf_err *err);
    /* Whether a hook's outputs (an object) are what that hook has to give. Errors: CF_EPROTO. May
     * be NULL. */
    enum cf_code (*check_hook)(const char *name, const cJSON *outputs, struct cf_err *err);
    /* Whether restore can also help a fixture that does not become idle by itself. May be NULL. */
    bool (*can_reset)(const struct cf_profile *profile);
    /* Bring the main fixture back to a snapshot, as far as that goes. *out_left, freed by the
     * caller, is why each part is left as it is, by name, or may be: {} when all is back. On
     * failure nothing was put back, and err says why. */
    enum cf_code (*restore)(struct cf_case_run *run, const cJSON *snapshot, cJSON **out_left,
                            struct cf_err *err);
    /* Whether the IUT is there, takes the credentials and refuses nonsense: judged from requests to
     * the main fixture; err says in plain words why not. It calls io->fits when whatever comes yet
     * cannot change its answer. */
    enum cf_code (*preflight)(struct cf_case_run *run, struct cf_err *err);
};

/* The endpoint of that name; NULL when there is none. */
const struct cf_endpoint *cf_engine_endpoint(const struct cf_engine *engine, const char *name);

#endif

/*
 * What a step may do: send requests, wait, judge, and use values. The domain's functions get a
 * struct cf_case_run and call these; all of them keep the transcript.
 *
 * send.c talks to the IUT, verdict.c reaches verdicts, values.c fills in "${...}".
 */
#ifndef CF_RUN_RUN_H
#define CF_RUN_RUN_H

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/json_texts.h"
#include "harness/http/client.h"
#include "harness/record/record.h"
#include "harness/run/engine.h"

struct cf_io;

enum cf_case_end {
    CF_END_STUCK = 1,     /* a fixture is left busy for good */
    CF_END_UNDECIDED = 2, /* inconclusive, and another try may tell */
    CF_END_GONE = 4,      /* nobody answers any more */
    CF_END_OPERATION = 8, /* inconclusive: an operation failed; on another fixture it may not */
    CF_END_HIDDEN = 16,   /* the main fixture does not show any more what it showed before */
    CF_END_TAKEN = 32,    /* the main fixture took an update: until then nothing had locked it */
    CF_END_REFUSED = 64,  /* the last update of it was refused: that may have locked it */
    CF_END_LOCKED = 128,  /* it takes no update, though nothing runs: maybe not this case's doing */
    CF_END_MET_LOCK = 256, /* it took none from the first on: that is not this case's doing */
    CF_END_FORM = 512      /* an answer had the right status and no JSON in it */
};

/* How often a case is tried that only the moment keeps from a verdict. */
enum { CF_TRIES_MAX = 3 };

/* The form of an answer, "202 text/plain". */
enum { CF_FORM_BYTES = 48, CF_FORMS_MAX = 8 };

/* What the reason of a case begins with that met nobody. */
#define CF_RUN_GONE "the IUT does not answer any more"

/* A case that is being run. */
struct cf_case_run {
    const struct cf_engine *engine;
    const struct cf_profile *profile;
    const struct cf_case *one; /* NULL in housekeeping (snapshot, restore, preflight) */
    struct cf_io *io;
    struct cf_case_record *record;
    struct cf_random random;
    char *random_name;                  /* what it was made of when the case began */
    const char *fixtures[CF_ROLES_MAX]; /* ids, as one->roles */
    double started_ms;                  /* io's time */
    cJSON *vars;                        /* captures and let values */
    int step;                           /* index of the step being run */
    const cJSON *step_node;             /* as written */
    int last_asking; /* index of the last step that asks something of the case; -1: none */
    bool setup;      /* the step prepares; its failures prove nothing */
    bool over;       /* a verdict was reached */
    const struct cf_fault *fault;         /* begun by a hook, and not ended; NULL: none */
    unsigned end;                         /* enum cf_case_end */
    struct cf_json_texts *texts;          /* parsed lately; NULL: none are kept */
    const struct cf_json_text *last_text; /* the last answer's body; NULL: none */
    struct cf_answer last;
    int asked_status;        /* of the last answer to a request step that is no GET; 0: none yet */
    size_t last_index;       /* of last.exchange in the record */
    void *domain;            /* the domain's memory of this case */
    struct cf_headers usual; /* the profile's own and the credentials, once a request had them */
};

/* Send a request and append the exchange to the record; run->last is its answer. request's headers
 * are complete but for the profile's own and the credentials. Where cf_run_asks_again() it is sent
 * again, at most three times, after a Retry-After within a cap. CF_OK when answered. On any other
 * code nothing was judged yet: see cf_run_no_answer(). */
enum cf_code cf_run_send(struct cf_case_run *run, const char *purpose,
                         const struct cf_http_request *request, struct cf_err *err);
/* Whether an answer says no more than "not now, come again": 429, or 503 with Retry-After. Such an
 * answer tells nothing about what was asked. */
bool cf_run_held_off(const struct cf_exchange *exchange);
/* Whether the same is sent again after a pause: cf_run_held_off(), or a 503 that is no JSON, which
 * is what many a gateway says to requests that come too close together. That one is no excuse where
 * it stays, however long the pauses are. */
bool cf_run_asks_again(const struct cf_exchange *exchange);
/* Whether an answer may be a gateway's, of an IUT that it could not reach: 502, 503, 504. */
bool cf_run_from_gateway(const struct cf_exchange *exchange);
/* The coding of an answer's body that was not asked for; NULL without one. */
const char *cf_run_coding(const struct cf_exchange *exchange);
/* Whether an answer to an update may come from what stands before the IUT: cf_run_from_gateway(),
 * a redirection, 408 and others of its kind, and a page in HTML, where the contract speaks JSON. */
bool cf_run_may_be_anothers(const struct cf_exchange *exchange);
/* Write what was asked and in what form it was answered, for a reason that tells the status. */
void cf_run_describe(const struct cf_exchange *exchange, char *out, size_t size);
/* Reach the verdict that another try may tell, where an unwanted answer of the record's is
 * cf_run_held_off(); or this is not the last try, and it is cf_run_may_be_anothers(), is no JSON
 * and not 500, or the request was sent a second time because it was held off: what comes in every
 * try is the IUT's. who is told ("the second update"). False: the answer is the IUT's own word, and
 * nothing was reached. */
bool cf_run_put_off(struct cf_case_run *run, const struct cf_exchange *exchange, const char *who);
/* The same for the last answer, where its status is right and JSON has to be in it: it holds none,
 * this is not the last try, and other cases did not get answers of this form in every try. */
bool cf_run_put_off_unreadable(struct cf_case_run *run, const char *who);
/* Whether the last answer holds JSON, or is the IUT's own as it stands: this is the last try, or
 * others of its form came in every try. */
bool cf_run_is_own(const struct cf_case_run *run);

/* What a read's body has to be, where it is answered 200. */
enum cf_run_body {
    CF_BODY_AS_LABELLED, /* JSON where its Content-Type says so, else anything */
    /* The same, and what is not JSON may begin with a byte order mark of its own, which it is where
     * asking again brings it again. Anywhere else a body with a mark tells nothing. */
    CF_BODY_MAY_BEGIN_WITH_MARK,
    CF_BODY_JSON
};
/* Whether the body of a 200 has in it what is read there; context is the asker's. */
typedef bool cf_run_shows_fn(const struct cf_answer *answer, const void *context);
struct cf_run_wanted {
    enum cf_run_body body;
    cf_run_shows_fn *shows; /* NULL: any body does */
    const void *context;
    int own_status; /* of 5xx, one that may be the IUT's own word there; 0: none */
};
/*
 * Send a GET and append the exchanges to the record; run->last is the answer. It is asked again,
 * with growing pauses or after Retry-After, until it tells something or the profile's
 * read_timeout_ms has passed: 429, 5xx, no answer, and a body that is coded, cut or not JSON where
 * it has to be, tell nothing, nor does what a cache had (Age) before the last change. Another
 * status than 200, the own_status among them, and a 200 that does not show what is wanted, may be a
 * gateway's word: it is asked again for a moment, and believed if it stays. CF_OK: any other
 * status, and for 200 a body that can be read. Errors, each with the URL and what was wrong in err:
 * CF_EPROTO (answered, telling nothing), CF_ENET, CF_EDROPPED, CF_ETIMEOUT, CF_ELIMIT as
 * cf_http_send(); nothing is known then, and no verdict was reached, but for an IUT that answers
 * nothing at all: then the case is inconclusive and ends as CF_END_GONE. CF_EINPUT, CF_EIO (ours).
 */
CF_MUST_CHECK enum cf_code cf_run_read(struct cf_case_run *run, const char *purpose,
                                       const struct cf_http_request *request,
                                       const struct cf_run_wanted *wanted, struct cf_err *err);
/* cf_run_read() of path (with "{cvm_id}" replaced by id, percent-encoded; NULL: nothing to
 * replace). */
CF_MUST_CHECK enum cf_code cf_run_get(struct cf_case_run *run, const char *purpose,
                                      const char *path, const char *id,
                                      const struct cf_run_wanted *wanted, struct cf_err *err);
/* Send GETs of several paths of a fixture at the same moment, once. Returns whether they were sent;
 * *out_first is the first one's exchange, the others follow in order. Not while a request of
 * cf_run_send_and_look() is open, nor where reads are used again (kept.h): false. */
bool cf_run_get_together(struct cf_case_run *run, const char *purpose, const char *const *paths,
                         size_t count, const char *id, size_t *out_first, struct cf_err *err);
/* Whether the answer of that exchange tells what cf_run_get() would come back with; run->last is it
 * then. */
bool cf_run_get_answered(struct cf_case_run *run, size_t index, const struct cf_run_wanted *wanted);
/* Make run->last the answer of that exchange of the record. */
void cf_run_look_at(struct cf_case_run *run, size_t index);
/* Whether anything is answered within read_timeout_ms; if not, the case is inconclusive and ends as
 * CF_END_GONE. True in housekeeping, where others find out. */
bool cf_run_lives(struct cf_case_run *run);
/* Send a JSON body to a named endpoint of a fixture, with the profile's headers and credentials. */
enum cf_code cf_run_send_json(struct cf_case_run *run, const char *purpose, const char *endpoint,
                              const char *id, const char *json, struct cf_err *err);
/* cf_run_send() of a request that may wait long for its answer: look is called, at most
 * at half of the profile's poll interval, for as long as there is none. It may send requests of its
 * own; whatever one call of it did was over before the answer was there if another call followed.
 */
typedef void cf_run_look_fn(struct cf_case_run *run, void *context);
enum cf_code cf_run_send_and_look(struct cf_case_run *run, const char *purpose,
                                  const struct cf_http_request *request, cf_run_look_fn *look,
                                  void *context, struct cf_err *err);
/* Send several at the same moment; answers are appended to the record in order. codes and
 * out_first (index of the first one's exchange) may be NULL. */
enum cf_code cf_run_send_together(struct cf_case_run *run, const char *purpose,
                                  const struct cf_http_request *requests, size_t count,
                                  enum cf_code *codes, size_t *out_first, struct cf_err *err);
/* Call a hook with inputs (an object of strings); its output object goes to *out. Errors:
 * CF_ENOTFOUND (the profile has none), CF_EIO, CF_ETIMEOUT, CF_EPROTO (no JSON object). */
enum cf_code cf_run_hook(struct cf_case_run *run, const char *name, const cJSON *inputs,
                         cJSON **out, struct cf_err *err);

/* End the fault that a hook began and none has ended; the verdict is error where that fails. */
void cf_run_mend(struct cf_case_run *run);
/* Call every hook of the profile that ends a fault, whether one was begun or not. */
void cf_run_mend_all(struct cf_case_run *run);

/* Waiting for the IUT: begin, then do { look } while (cf_run_poll_again()). */
struct cf_poll {
    double started_ms;
    double deadline_ms;
    double interval_ms;
    double waited_ms; /* until the last look began: this and the next by cf_run_poll_slowly() */
    int pauses;
};
struct cf_poll cf_run_poll_begin(struct cf_case_run *run, double timeout_ms);
/* Whether a wait to its deadline is due here: over the exchanges of another case, which may have
 * had less to find out, where that one waited; else always. */
bool cf_run_waits_here(struct cf_case_run *run);
/* Pause for one interval; false when the deadline has passed (noted in the transcript as what). */
bool cf_run_poll_again(struct cf_case_run *run, struct cf_poll *poll, const char *what);
/* The same for what takes its time, minutes perhaps: first the better part of the time that such
 * waits have usually taken, then a twentieth of it again and again; where that is not known yet, a
 * twentieth of the time waited so far. Never less than the profile's poll interval. */
bool cf_run_poll_slowly(struct cf_case_run *run, struct cf_poll *poll, const char *what);
/* What is waited for began when the answer in that exchange of the record came. */
void cf_run_poll_since(const struct cf_case_run *run, struct cf_poll *poll, size_t exchange);
/* Whether such waits usually take so much longer than this one has, or are said to, that looking at
 * once tells nothing. */
bool cf_run_poll_later(const struct cf_case_run *run, const struct cf_poll *poll);
/* How long such waits usually take, or are said to; 0: not known. */
double cf_run_usual_ms(const struct cf_case_run *run);
/* Pause until a good part of the time is over that such waits usually take, or are said to,
 * since the answer in that exchange of the record came, but not all of it. False at once where that
 * is past, or not known; in a replay, where what comes next was not done for that purpose then. */
bool cf_run_pause_until_late(struct cf_case_run *run, size_t exchange, const char *purpose);
/* For looks at what comes too late to count: the time that the run has left for such, in all, and
 * what of it was taken. Whoever looks makes the interval grow. */
struct cf_poll cf_run_poll_begin_late(struct cf_case_run *run);
void cf_run_poll_end_late(struct cf_case_run *run, const struct cf_poll *poll);
/* What was waited for is there. */
void cf_run_poll_over(struct cf_case_run *run, const struct cf_poll *poll);

/* Complete a request: absolute URL, profile's headers, credentials. path may hold "{cvm_id}". */
void cf_run_request_init(struct cf_case_run *run, struct cf_http_request *out, const char *method,
                         const char *path, const char *id, bool auth);
void cf_run_request_release(struct cf_http_request *request);

/* ---- verdicts: the first one that is reached stands ---- */

/* An expectation was not met. In a setup step, or in a case of level observe, the case is
 * inconclusive instead. */
void cf_run_fail(struct cf_case_run *run, const struct cf_mismatch *mismatch);
/* A must that no step asks about was broken by what a step did: whatever the case asks, and
 * whatever its level, it fails, at level must, and the requirement is added to those of its record.
 * Only an error, which is ours, stands against it. step is the one to show. */
void cf_run_charge(struct cf_case_run *run, const char *requirement, int step,
                   const struct cf_mismatch *mismatch);
/* The same as cf_run_fail() for callers without a mismatch of an answer; origin NULL: the step
 * itself. */
void cf_run_fail_text(struct cf_case_run *run, const cJSON *origin, const char *expected,
                      const char *actual, const char *message);
void cf_run_inconclusive(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/* The case asks what this IUT, by its profile, has no answer to. */
void cf_run_not_applicable(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
void cf_run_error(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/* The case turns out to ask what cannot be asked of this IUT. */
void cf_run_not_applicable(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/* Nothing but the moment is to blame: another try may tell. */
void cf_run_undecided(struct cf_case_run *run, const char *fmt, ...) CF_PRINTF(2, 3);
/*
 * A request that may change something had no answer. Where others are answered, the case is tried
 * again; the same in the last try is a failure if the IUT took the request and dropped it, or
 * answered with something that cannot be read, and inconclusive if it never came through. What is
 * wrong on our side is an error.
 */
void cf_run_no_answer(struct cf_case_run *run, enum cf_code code, const struct cf_err *err);
/* Add a member to the case's observation (value is taken over). */
void cf_run_note(struct cf_case_run *run, const char *name, cJSON *value);

/* ---- values ---- */

/* A copy of node with every ${...} filled in. On failure the case gets its verdict, and NULL is
 * returned. */
cJSON *cf_run_expand(struct cf_case_run *run, const cJSON *node);
/* Whether "${name}" has a value that no step gives: a row's, a random one, one of the domain. */
bool cf_run_value_known(const struct cf_engine *engine, const char *name);
/* Remember a value under a name (value is taken over). */
void cf_run_set(struct cf_case_run *run, const char *name, cJSON *value);
/* From here on random values depend on the case and on part (NULL: none) alone, and not on what was
 * drawn before. */
void cf_run_begin_part(struct cf_case_run *run, const char *part);
/* Index of a role of the case by name, the first one for NULL; -1 when there is none. */
int cf_run_role(const struct cf_case_run *run, const char *name);
/* The fixture id of a role, NULL when there is none. */
const char *cf_run_fixture(const struct cf_case_run *run, const char *role);

#endif

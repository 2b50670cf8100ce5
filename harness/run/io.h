/*
 * The outside world as the engine sees it: exchanges, hooks, waiting.
 *
 * Live, it is the network (live.c). In verification it is a transcript (replay.c): the same
 * judging code runs, and every word it sends is compared with what was sent then.
 */
#ifndef CF_RUN_IO_H
#define CF_RUN_IO_H

#include "harness/case/profile.h"
#include "harness/http/client.h"

struct cf_io;

/* Purpose of the exchange that stands for the connections of cf_io_ops.together when they could not
 * be opened. */
#define CF_PURPOSE_CONNECT "open connections"

struct cf_io_ops {
    /* As cf_http_send(). */
    enum cf_code (*send)(struct cf_io *io, const struct cf_http_request *request,
                         struct cf_exchange *out, struct cf_err *err);
    /* As cf_http_send_together(), warmed up: warm_url is read first on as many connections. NULL:
     * they are reads, which need no warming up. */
    enum cf_code (*together)(struct cf_io *io, const char *warm_url,
                             const struct cf_http_request *requests, size_t count,
                             struct cf_exchange *outs, enum cf_code *codes, struct cf_err *err);
    /* As cf_http_begin(), cf_http_ended() and cf_http_end(). */
    enum cf_code (*begin)(struct cf_io *io, const struct cf_http_request *request,
                          struct cf_exchange *out, struct cf_err *err);
    bool (*ended)(struct cf_io *io, double ms);
    enum cf_code (*end)(struct cf_io *io, const struct cf_http_request *request,
                        struct cf_exchange *out, struct cf_err *err);
    /* Run a hook. out gets kind, hook, bodies. */
    enum cf_code (*hook)(struct cf_io *io, const struct cf_profile *profile, const char *name,
                         const cJSON *inputs, struct cf_exchange *out, struct cf_err *err);
    /* Whether the read that comes next was used again then (kept.h). NULL: what is read is kept. */
    bool (*reuses)(struct cf_io *io);
    /* Whether what comes next was done for that purpose then. NULL: whoever asks may do it. */
    bool (*did)(struct cf_io *io, const char *purpose);
    /* The time in milliseconds: the clock's, or that of the exchange that comes next. */
    double (*now)(struct cf_io *io);
    /* Pause, unless the deadline (in now's time; INFINITY: none) has come: then false. */
    bool (*wait)(struct cf_io *io, double ms, double deadline_ms);
    void (*free)(struct cf_io *io);
};

enum { CF_IO_SILENT_MAX = 32, CF_IO_BELIEVED_MAX = 256 };

struct cf_io {
    const struct cf_io_ops *ops;
    /* What reads have come to (see asking.c): it saves live runs time, and a replay needs none of
     * it, since the transcript says when was given up. */
    bool answered;                          /* something was, at least once */
    bool nobody;                            /* was there when it was last looked for somebody */
    unsigned long silent[CF_IO_SILENT_MAX]; /* marks of URLs given up last time, 0: none */
    /* Marks of doubtful answers that stayed when they were asked for again, 0: none. Those of a URL
     * last time, and those that any URL with the same end ever gave. */
    unsigned long believed[CF_IO_BELIEVED_MAX], known[CF_IO_BELIEVED_MAX];
    bool open;            /* a request of cf_run_send_and_look() has no answer yet */
    bool reusing;         /* between cf_kept_open() and cf_kept_close() */
    struct cf_kept *kept; /* reads that may be used again, see kept.h */
    bool assume;          /* a look may be assumed to find what the one before it found (kept.h) */
    size_t assumed;       /* 1 + the first exchange of the look that was; 0: none was */
    double usual_ms;      /* that waits for the IUT take, the short ones rather; 0: not known */
    /* Called before a hook begins a fault (struct cf_fault), and (ended) when one has ended it; it
     * returns when the case may go on. NULL: nobody else is there. */
    void (*at_fault)(void *context, bool ended);
    /* Called by engine.preflight, see there. NULL: nobody waits for it. */
    void (*fits)(void *context);
    void *owner; /* the context of both */
    /* What is left of the time for looks at what came too late to count, 0: none. They cost a run
     * that has failed a moment, and tell whoever reads of it whether to mend or to wait. */
    double late_ms;
};

/* The network. redactor knows the profile's secrets, and must outlive the io. Only after the last
 * fork. rate_interval_ms as in cf_http_options. Errors: those of cf_http_client_new(). */
CF_MUST_CHECK enum cf_code cf_io_live_new(struct cf_io **out, const struct cf_profile *profile,
                                          const struct cf_redactor *redactor,
                                          double rate_interval_ms, struct cf_err *err);
/* Whether the answer is a refusal and no more than that: a look after it may be assumed. */
bool cf_io_is_plain_refusal(const struct cf_exchange *exchange);
/* Requests sent so far over a live io. */
unsigned long cf_io_request_count(const struct cf_io *io);
/* Put the exchanges of a record into effect again, in order and at their times. What is sent has to
 * be what was sent then, once redactor has replaced the profile's credential (which may be a
 * stand-in: cf_profile_parse_sealed()), as it was replaced in the record. At the first difference
 * everything is refused with CF_ESTOPPED. redactor and record must outlive the io. */
struct cf_io *cf_io_replay_new(const struct cf_redactor *redactor,
                               const struct cf_case_record *record);
/* The first difference between what was sent now and then, or of exchanges left over; NULL without
 * one. Valid until free. */
const char *cf_io_replay_difference(struct cf_io *io);
/* Whether what was sent differs; exchanges left over are no difference here. */
bool cf_io_replay_differs(const struct cf_io *io);
void cf_io_free(struct cf_io *io);

#endif

/*
 * One request over one libcurl easy handle: what single sends and simultaneous sends share. Private
 * to harness/http. Four sources: transfer.c sets up and hands over, transfer_outcome.c judges the
 * end, transfer_exchange.c stores what was sent and what came, transfer_peer.c who answered.
 *
 * A transfer is set up once and then goes through cf_transfer_prepare(), a perform by the caller
 * and cf_transfer_finish(), again and again; its memory and its connection stay.
 */
#ifndef CF_HTTP_TRANSFER_H
#define CF_HTTP_TRANSFER_H

#include "harness/http/request.h"

#include <curl/curl.h>

/* More header lines than this in one answer (interim ones counted in) is CF_ELIMIT: libcurl's list
 * of headers takes quadratic time to read. */
enum { CF_HTTP_HEADER_LINES_MAX = 1000 };

/* Twice what is kept, since IPv4 and IPv6 are tried side by side. */
enum { CF_HTTP_KEPT_CONNECTIONS = 4, CF_HTTP_SOCKETS_MAX = 8 };

struct cf_transfer {
    const struct cf_http_options *options; /* borrowed, with defaults filled in */
    unsigned long *request_count;          /* borrowed: bumped at each hand-over to the network */
    bool *wary;                            /* borrowed: see cf_transfer_init() */
    CURL *easy;
    char curl_text[CURL_ERROR_SIZE]; /* libcurl writes here as long as easy lives */
    struct cf_buf scratch;           /* redacting headers */
    /* the request's headers, as libcurl wants them: no allocation once they have grown */
    struct cf_buf lines;
    struct curl_slist *nodes;
    size_t node_cap;
    /* open connections, whether libcurl uses them or keeps them for later */
    struct cf_connection {
        int fd;
        int local_port; /* 0 while unknown */
        bool used;      /* a request went out on it */
    } connections[CF_HTTP_SOCKETS_MAX];
    size_t connection_count;
    /* of the exchange under way */
    bool may_resend; /* GET, HEAD */
    unsigned sends;
    bool resend_refused;
    bool stale; /* given up before sending, see cf_transfer_again() */
    unsigned stale_count;
    double sent_at_ms; /* cf_clock_ms() of the first hand-over, 0 before */
    size_t header_bytes, header_lines;
    bool header_ended; /* the blank line after the final answer's header came */
    bool header_full;
    struct cf_buf body;
    struct cf_buf peer, authority; /* of the connection that the request goes out on */
};

/* *wary is set once a kept connection turns out to have ended: a server that does so may do it
 * at any moment. From then on requests that must not be sent twice get a connection of their own.
 * Errors: CF_EIO (libcurl lacks something that is needed). transfer is released by
 * cf_transfer_release() also after a failure. */
CF_MUST_CHECK enum cf_code cf_transfer_init(struct cf_transfer *transfer,
                                            const struct cf_http_options *options,
                                            unsigned long *request_count, bool *wary,
                                            struct cf_err *err);
void cf_transfer_release(struct cf_transfer *transfer);

/* Check the request and hand it to the easy handle, which borrows its body until the transfer is
 * over. Nothing is sent yet. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_transfer_prepare(struct cf_transfer *transfer,
                                               const struct cf_http_request *request,
                                               struct cf_err *err);

/*
 * Whether to perform once more: nothing was sent, because the connection chosen turned out to be
 * stale and is closed by now. Ask after each perform; it ends, since there are only so many.
 */
bool cf_transfer_again(struct cf_transfer *transfer);

/* Store the request in out, redacted. */
void cf_transfer_store_request(struct cf_transfer *transfer, const struct cf_http_request *request,
                               struct cf_exchange *out);

/* Judge how the transfer ended, in plain words; CF_OK only for a whole, well-framed answer.
 * Codes as cf_http_send(). */
CF_MUST_CHECK enum cf_code cf_transfer_outcome(struct cf_transfer *transfer, CURLcode result,
                                               const struct cf_http_request *request,
                                               struct cf_err *err);

/* cf_transfer_outcome(), and the answer or the message stored in out. */
CF_MUST_CHECK enum cf_code cf_transfer_finish(struct cf_transfer *transfer, CURLcode result,
                                              const struct cf_http_request *request,
                                              struct cf_exchange *out, struct cf_err *err);

/* Put the error's text, redacted, into out->message and back into err; returns code. err must not
 * be NULL. */
enum cf_code cf_transfer_store_failure(struct cf_transfer *transfer, enum cf_code code,
                                       struct cf_exchange *out, struct cf_err *err);

/* transfer_peer.c: while a request is handed over, keep where it goes and who vouches for that. */
void cf_transfer_note_peer(struct cf_transfer *transfer, const char *ip, int port);
/* Store that in out. */
void cf_transfer_store_peer(const struct cf_transfer *transfer, struct cf_exchange *out);

#endif

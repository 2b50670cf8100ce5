/*
 * HTTP/1.1 over libcurl: one client a worker, connections kept warm between requests.
 *
 * What it promises: a request with a method other than GET or HEAD is sent at most once, whatever
 * libcurl would do on a dead connection; redirects are never followed; the environment's proxies
 * are ignored; only http and https are spoken; paths go out as given; every wait ends at the time
 * limit and every answer at the size limit; what it stores in a cf_exchange has passed the
 * redactor. An answer belongs to its request: a kept connection that ended, or that holds bytes
 * nobody asked for, is replaced before anything is sent on it. What it does not do: judge, retry,
 * know what a request means.
 *
 * On the wire is what the caller asked for and nothing else, but for Host, User-Agent, Accept and
 * Content-Length; each of them can be replaced by a header of the caller's. Callers ignore SIGPIPE.
 */
#ifndef CF_HTTP_CLIENT_H
#define CF_HTTP_CLIENT_H

#include "harness/http/redact.h"
#include "harness/record/record.h"

struct cf_http_options {
    long request_timeout_ms;      /* whole exchange, default 30 s when 0 */
    long connect_timeout_ms;      /* TLS included, default 10 s when 0 */
    size_t max_body_bytes;        /* of an answer, default 4 MiB when 0 */
    size_t max_header_bytes;      /* of an answer, default 64 KiB when 0; also 1000 lines */
    const char *ca_file;          /* PEM, trusted instead of the system's; NULL: the system's */
    const char *client_cert_file; /* PEM or NULL */
    const char *client_key_file;  /* PEM or NULL */
    bool insecure;                /* no TLS verification: refused for certified runs by callers */
    double min_interval_ms;       /* pause so that requests are at least this far apart; 0: none */
    const struct cf_redactor *redactor; /* borrowed; NULL: nothing to hide */
};

struct cf_http_request {
    const char *method;        /* e.g. "PATCH" */
    const char *url;           /* absolute; sent as is */
    struct cf_headers headers; /* an empty value sends an empty header */
    /* NULL: no body. PATCH, POST and PUT then say "Content-Length: 0" (RFC 9110 section 8.6: their
     * content has a meaning, so its absence is announced), other methods say nothing; an empty body
     * that is not NULL is announced by any method. No Content-Type but the caller's. */
    const char *body;
    size_t body_len;
};

struct cf_http_client;

/* curl_global_init for the process: call once, before forking. Errors: CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_http_global_init(struct cf_err *err);
void cf_http_global_cleanup(void);

/* Only after the last fork. Copies options' strings. Errors: CF_ENOMEM, CF_EINPUT (unreadable CA,
 * certificate or key file). */
CF_MUST_CHECK enum cf_code cf_http_client_new(struct cf_http_client **out,
                                              const struct cf_http_options *options,
                                              struct cf_err *err);
void cf_http_client_free(struct cf_http_client *client);

/*
 * Send one request and wait for the whole answer. out (zeroed by the caller) gets kind, method,
 * url, headers and bodies (redacted), status, duration_ms; at_ms, step and purpose are the
 * caller's. request_headers are the caller's as well, without those that libcurl adds; an answer's
 * trailers are not kept, and a body of no bytes is no body (NULL). Where there is no complete
 * answer, out->status is 0 and out->message says why in plain words ("cannot connect to HOST:PORT:
 * connection refused").
 * Returns CF_OK (answered, whatever the status), CF_ENET (no connection, or dropped without an
 * answer), CF_ETIMEOUT, CF_EPROTO (what came is not HTTP, or ends early), CF_ELIMIT (answer over a
 * limit), CF_EINPUT (bad URL, method or header; a certificate, key or CA file that holds none),
 * CF_ENOMEM; err repeats the message.
 */
CF_MUST_CHECK enum cf_code cf_http_send(struct cf_http_client *client,
                                        const struct cf_http_request *request,
                                        struct cf_exchange *out, struct cf_err *err);

/* Open connections ahead of cf_http_send_together(), so that no contender pays for a handshake:
 * count GETs of url at once, with these headers (NULL: none); answers are dropped. Call it right
 * before: a connection idle for 2 s is not used again. Errors as cf_http_send(), and CF_ELIMIT for
 * count over 256. */
CF_MUST_CHECK enum cf_code cf_http_warm(struct cf_http_client *client, const char *url,
                                        const struct cf_headers *headers, size_t count,
                                        struct cf_err *err);

/* Send count requests at the same moment, each on a connection of its own, and wait for all
 * answers. outs as in cf_http_send(), with at_ms set relative to the first release; codes[i] gets
 * each one's result. Returns CF_OK when every request was tried. Errors: CF_ENOMEM, CF_ELIMIT
 * (count over 256). */
CF_MUST_CHECK enum cf_code cf_http_send_together(struct cf_http_client *client,
                                                 const struct cf_http_request *requests,
                                                 size_t count, struct cf_exchange *outs,
                                                 enum cf_code *codes, struct cf_err *err);

/* Number of requests handed to the network so far. */
unsigned long cf_http_request_count(const struct cf_http_client *client);

/* Percent-encode one path segment (RFC 3986 unreserved stay). Appends to out. */
void cf_http_escape_segment(struct cf_buf *out, const char *text);

/* Whether url is an absolute http or https URL with a host and without user information, query or
 * fragment; out_loopback tells whether the host is localhost, 127.0.0.0/8 or ::1. Errors:
 * CF_EINPUT with the reason. */
CF_MUST_CHECK enum cf_code cf_http_check_base_url(const char *url, bool *out_loopback,
                                                  bool *out_tls, struct cf_err *err);

#endif

/* What callers tell an HTTP client: how to reach servers, and what to send them. */
#ifndef CF_HTTP_REQUEST_H
#define CF_HTTP_REQUEST_H

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
    const char *proxy;            /* for every request, e.g. "http://HOST:PORT"; NULL: none */
    const char *base_url;         /* what the next two are for: all URLs that begin so; or NULL */
    const char *unix_socket;      /* to connect to in place of the URL's host; NULL: none */
    bool http2;             /* over TLS: where the server takes it; else from the first byte */
    const char *user_agent; /* of requests that bring none; NULL: the suite's own */
    double min_interval_ms; /* pause so that requests are at least this far apart; 0: none */
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
    bool own_connection; /* none kept from an earlier request: what must arrive at the first try */
};

#endif

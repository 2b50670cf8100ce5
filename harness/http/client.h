/*
 * HTTP/1.1, or HTTP/2 where asked for, over libcurl: one client a worker, connections kept warm
 * between requests.
 *
 * What it promises: a request with a method other than GET or HEAD is sent at most once, whatever
 * libcurl would do on a dead connection; redirects are never followed; the environment's proxies
 * are ignored; only http and https are spoken; paths go out as given; every wait ends at the time
 * limit and every answer at the size limit; what it stores in a cf_exchange has passed the
 * redactor. An answer belongs to its request: a kept connection that ended, or that holds bytes
 * nobody asked for, is replaced before anything is sent on it. What it does not do: judge, retry,
 * know what a request means.
 *
 * On the wire is what the caller asked for and nothing else, but for Host, User-Agent, Accept,
 * Accept-Encoding ("identity") and Content-Length; each of them can be replaced by a header of the
 * caller's. Callers ignore SIGPIPE.
 */
#ifndef CF_HTTP_CLIENT_H
#define CF_HTTP_CLIENT_H

#include "harness/http/request.h"

struct cf_http_client;

/* Set libcurl up for the process: call once, before forking. Errors: CF_EIO (libcurl or its TLS
 * library cannot start). */
CF_MUST_CHECK enum cf_code cf_http_global_init(struct cf_err *err);
void cf_http_global_cleanup(void);

/* Only after the last fork. Copies options' strings. Errors: CF_EINPUT (unreadable CA, certificate
 * or key file), CF_EIO (libcurl lacks something that is needed). */
CF_MUST_CHECK enum cf_code cf_http_client_new(struct cf_http_client **out,
                                              const struct cf_http_options *options,
                                              struct cf_err *err);
void cf_http_client_free(struct cf_http_client *client);

/*
 * Send one request and wait for the whole answer. out (zeroed by the caller) gets kind, method,
 * url, headers and bodies (redacted), status, duration_ms; at_ms, step and purpose are the
 * caller's. request_headers are the caller's as well, without those that libcurl adds; an answer's
 * trailers are not kept, and a body of no bytes is not a body (NULL). Where there is no complete
 * answer, out->status is 0 and out->message says why in plain words ("cannot connect to HOST:PORT:
 * connection refused").
 * Returns CF_OK (answered, whatever the status), CF_ENET (no connection, or one kept from an
 * earlier request that had ended), CF_EDROPPED (a fresh connection took the request and ended
 * without an answer), CF_ECUT (it did so when a long request was on its way, whose refusal may be
 * lost), CF_ETIMEOUT, CF_EPROTO (what came is not HTTP, or ends early), CF_ELIMIT (answer over a
 * limit), CF_EINPUT (bad URL, method or header; a certificate, key or CA file that holds none),
 * CF_EIO (libcurl failed); err repeats the message.
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
 * each one's result. Returns CF_OK when every request was tried. Errors: CF_ELIMIT (count over
 * 256), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_http_send_together(struct cf_http_client *client,
                                                 const struct cf_http_request *requests,
                                                 size_t count, struct cf_exchange *outs,
                                                 enum cf_code *codes, struct cf_err *err);

/*
 * Send one request and come back once it is on its way, so that others can be sent with
 * cf_http_send() before its answer is there. One at a time, on a connection of its own, and neither
 * cf_http_warm() nor cf_http_send_together() before its end; request and client must stay where
 * they are until then. out gets what cf_http_send() says of requests. Errors: CF_EINPUT, CF_EIO:
 * nothing was sent, and there is no end to ask for.
 */
CF_MUST_CHECK enum cf_code cf_http_begin(struct cf_http_client *client,
                                         const struct cf_http_request *request,
                                         struct cf_exchange *out, struct cf_err *err);
/* Wait for ms, but not for longer than the answer takes. Whether there is an answer, or none will
 * come any more. */
bool cf_http_ended(struct cf_http_client *client, double ms);
/* Wait for the answer that cf_http_begin() left open; out and errors as cf_http_send(). What came
 * while nobody asked counts from when it is asked for: duration_ms may be too long, never too
 * short. */
CF_MUST_CHECK enum cf_code cf_http_end(struct cf_http_client *client,
                                       const struct cf_http_request *request,
                                       struct cf_exchange *out, struct cf_err *err);

/* Number of requests handed to the network so far. */
unsigned long cf_http_request_count(const struct cf_http_client *client);

#endif

/*
 * The HTTP side of the reference IUT: the only place that knows libmicrohttpd.
 *
 * The library runs without a thread of its own. cf_ref_http_run() waits for its sockets and for
 * stop_fd together, and every handler runs inside that call, one at a time; a lock is nowhere
 * needed. An answer that says `later` leaves its request suspended for a few milliseconds, in which
 * others are served: so check-then-act bugs can be shown without sleeping.
 */
#ifndef CF_REF_HTTP_H
#define CF_REF_HTTP_H

#include "reference/server.h"

struct cf_ref_http;

/* Listen on 127.0.0.1; port 0 for a free one; certificate and key are PEM texts (only read), NULL
 * for plain HTTP. server is borrowed. CF_EIO when the port cannot be had or TLS refuses the texts.
 */
CF_MUST_CHECK enum cf_code cf_ref_http_new(struct cf_ref_server *server, unsigned port,
                                           char *certificate, char *key, struct cf_ref_http **out,
                                           struct cf_err *err);
void cf_ref_http_free(struct cf_ref_http *http);

unsigned cf_ref_http_port(const struct cf_ref_http *http);

/* Serve until stop_fd is readable or at its end. CF_EIO when waiting fails. */
CF_MUST_CHECK enum cf_code cf_ref_http_run(struct cf_ref_http *http, int stop_fd,
                                           struct cf_err *err);

#endif

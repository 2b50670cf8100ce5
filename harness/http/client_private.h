/* The client's inside, shared by client.c and together.c only. */
#ifndef CF_HTTP_CLIENT_PRIVATE_H
#define CF_HTTP_CLIENT_PRIVATE_H

#include "harness/http/transfer.h"

enum { CF_HTTP_TOGETHER_MAX = 256 };

struct cf_contender;

struct cf_http_client {
    struct cf_http_options options; /* defaults filled in, strings owned: */
    char *ca_file, *client_cert_file, *client_key_file;
    unsigned long request_count;
    double next_send_ms; /* no request before this; see min_interval_ms */
    struct cf_transfer single;
    struct cf_contender *pool[CF_HTTP_TOGETHER_MAX]; /* grows with need, never shrinks */
    size_t pool_count;
};

/* Wait for the turn of count requests that go out at once. */
void cf_http_pace(struct cf_http_client *client, size_t count);

void cf_http_free_pool(struct cf_http_client *client);

#endif

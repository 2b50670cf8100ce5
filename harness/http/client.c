#include "harness/http/client_private.h"

#include "harness/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DEFAULT_BODY_BYTES = 4 * 1024 * 1024,
    DEFAULT_HEADER_BYTES = 64 * 1024,
    DEFAULT_REQUEST_TIMEOUT_MS = 30 * 1000,
    DEFAULT_CONNECT_TIMEOUT_MS = 10 * 1000
};

enum cf_code cf_http_global_init(struct cf_err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return cf_err_nomem(err);
    return CF_OK;
}

void cf_http_global_cleanup(void)
{
    curl_global_cleanup();
}

/* Found out now, not in the middle of a run. */
static enum cf_code check_readable(const char *what, const char *path, struct cf_err *err)
{
    if (!path)
        return CF_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cf_err_set(err, CF_EINPUT, "cannot read the %s %s: %s", what, path, strerror(errno));
    (void)close(fd);
    return CF_OK;
}

static enum cf_code check_files(const struct cf_http_options *options, struct cf_err *err)
{
    enum cf_code code = check_readable("CA file", options->ca_file, err);
    if (code == CF_OK)
        code = check_readable("client certificate", options->client_cert_file, err);
    if (code == CF_OK)
        code = check_readable("client key", options->client_key_file, err);
    return code;
}

/* *out stays NULL for NULL. False without memory. */
static bool copy_text(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

static bool copy_options(struct cf_http_client *client, const struct cf_http_options *options)
{
    client->options = *options;
    struct cf_http_options *own = &client->options;
    if (own->max_body_bytes == 0)
        own->max_body_bytes = DEFAULT_BODY_BYTES;
    if (own->max_header_bytes == 0)
        own->max_header_bytes = DEFAULT_HEADER_BYTES;
    /* 0 would mean none to libcurl, for which no wait has an end. */
    if (own->request_timeout_ms <= 0)
        own->request_timeout_ms = DEFAULT_REQUEST_TIMEOUT_MS;
    if (own->connect_timeout_ms <= 0)
        own->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    bool copied = copy_text(&client->ca_file, options->ca_file) &&
                  copy_text(&client->client_cert_file, options->client_cert_file) &&
                  copy_text(&client->client_key_file, options->client_key_file);
    own->ca_file = client->ca_file;
    own->client_cert_file = client->client_cert_file;
    own->client_key_file = client->client_key_file;
    return copied;
}

enum cf_code cf_http_client_new(struct cf_http_client **out, const struct cf_http_options *options,
                                struct cf_err *err)
{
    enum cf_code code = check_files(options, err);
    if (code != CF_OK)
        return code;
    struct cf_http_client *client = calloc(1, sizeof(*client));
    if (!client)
        return cf_err_nomem(err);
    code = copy_options(client, options) ? CF_OK : cf_err_nomem(err);
    if (code == CF_OK)
        code = cf_transfer_init(&client->single, &client->options, &client->request_count, err);
    if (code != CF_OK) {
        cf_http_client_free(client);
        return code;
    }
    *out = client;
    return CF_OK;
}

void cf_http_client_free(struct cf_http_client *client)
{
    if (!client)
        return;
    cf_transfer_release(&client->single);
    cf_http_free_pool(client);
    free(client->ca_file);
    free(client->client_cert_file);
    free(client->client_key_file);
    free(client);
}

unsigned long cf_http_request_count(const struct cf_http_client *client)
{
    return client->request_count;
}

void cf_http_pace(struct cf_http_client *client, size_t count)
{
    double interval = client->options.min_interval_ms;
    if (!(interval > 0))
        return;
    double now = cf_clock_ms();
    if (now < client->next_send_ms) {
        cf_clock_pause(client->next_send_ms - now);
        now = client->next_send_ms;
    }
    client->next_send_ms = now + interval * (double)count;
}

enum cf_code cf_http_send(struct cf_http_client *client, const struct cf_http_request *request,
                          struct cf_exchange *out, struct cf_err *err)
{
    struct cf_transfer *transfer = &client->single;
    struct cf_err local;
    struct cf_err *said = err ? err : &local;
    enum cf_code code = cf_transfer_store_request(transfer, request, out, said);
    if (code == CF_OK)
        code = cf_transfer_prepare(transfer, request, said);
    if (code != CF_OK)
        return cf_transfer_store_failure(transfer, code, out, said);
    cf_http_pace(client, 1);
    CURLcode result;
    do {
        result = curl_easy_perform(transfer->easy);
    } while (cf_transfer_again(transfer));
    return cf_transfer_finish(transfer, result, request, out, said);
}

#include "harness/http/client.h"
#include "harness/base/mem.h"
#include "harness/http/together.h"
#include "harness/http/transfer.h"

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

struct cf_http_client {
    struct cf_http_options options; /* defaults filled in, strings owned: */
    char *ca_file, *client_cert_file, *client_key_file, *proxy, *unix_socket, *base_url,
        *user_agent;
    unsigned long request_count;
    bool wary; /* of kept connections, see cf_transfer_init() */
    struct cf_pace pace;
    struct cf_transfer single;
    struct cf_together together;
};

enum cf_code cf_http_global_init(struct cf_err *err)
{
    CURLcode rc = curl_global_init_mem(CURL_GLOBAL_DEFAULT, cf_mem_malloc, free, cf_mem_realloc,
                                       cf_mem_strdup, cf_mem_calloc);
    if (rc != CURLE_OK)
        return cf_err_set(err, CF_EIO, "libcurl cannot start: %s", curl_easy_strerror(rc));
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
    close(fd);
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

static enum cf_code check_http2(struct cf_err *err)
{
    if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)
        return CF_OK;
    return cf_err_set(err, CF_EIO, "the libcurl of this machine cannot do HTTP/2");
}

static void copy_options(struct cf_http_client *client, const struct cf_http_options *options)
{
    struct cf_http_options *own = &client->options;
    *own = *options;
    if (own->max_body_bytes == 0)
        own->max_body_bytes = DEFAULT_BODY_BYTES;
    if (own->max_header_bytes == 0)
        own->max_header_bytes = DEFAULT_HEADER_BYTES;
    /* 0 would mean none to libcurl, for which no wait has an end. */
    if (own->request_timeout_ms <= 0)
        own->request_timeout_ms = DEFAULT_REQUEST_TIMEOUT_MS;
    if (own->connect_timeout_ms <= 0)
        own->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
    own->ca_file = client->ca_file = cf_strdup(options->ca_file);
    own->client_cert_file = client->client_cert_file = cf_strdup(options->client_cert_file);
    own->client_key_file = client->client_key_file = cf_strdup(options->client_key_file);
    own->proxy = client->proxy = cf_strdup(options->proxy);
    own->unix_socket = client->unix_socket = cf_strdup(options->unix_socket);
    own->base_url = client->base_url = cf_strdup(options->base_url);
    own->user_agent = client->user_agent = cf_strdup(options->user_agent);
}

enum cf_code cf_http_client_new(struct cf_http_client **out, const struct cf_http_options *options,
                                struct cf_err *err)
{
    enum cf_code code = check_files(options, err);
    if (code == CF_OK && options->http2)
        code = check_http2(err);
    if (code != CF_OK)
        return code;
    struct cf_http_client *client = cf_alloc(sizeof(*client));
    copy_options(client, options);
    client->pace.min_interval_ms = options->min_interval_ms;
    client->together = (struct cf_together){.options = &client->options,
                                            .request_count = &client->request_count,
                                            .wary = &client->wary,
                                            .pace = &client->pace};
    code = cf_transfer_init(&client->single, &client->options, &client->request_count,
                            &client->wary, err);
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
    cf_together_release(&client->together);
    free(client->ca_file);
    free(client->client_cert_file);
    free(client->client_key_file);
    free(client->proxy);
    free(client->unix_socket);
    free(client->base_url);
    free(client->user_agent);
    free(client);
}

unsigned long cf_http_request_count(const struct cf_http_client *client)
{
    return client->request_count;
}

enum cf_code cf_http_send(struct cf_http_client *client, const struct cf_http_request *request,
                          struct cf_exchange *out, struct cf_err *err)
{
    struct cf_transfer *transfer = &client->single;
    struct cf_err local;
    struct cf_err *said = err ? err : &local;
    cf_transfer_store_request(transfer, request, out);
    enum cf_code code = cf_transfer_prepare(transfer, request, said);
    if (code != CF_OK)
        return cf_transfer_store_failure(transfer, code, out, said);
    cf_pace_wait(&client->pace, 1);
    CURLcode result;
    do {
        result = curl_easy_perform(transfer->easy);
    } while (cf_transfer_again(transfer));
    return cf_transfer_finish(transfer, result, request, out, said);
}

enum cf_code cf_http_warm(struct cf_http_client *client, const char *url,
                          const struct cf_headers *headers, size_t count, struct cf_err *err)
{
    return cf_together_warm(&client->together, url, headers, count, err);
}

enum cf_code cf_http_send_together(struct cf_http_client *client,
                                   const struct cf_http_request *requests, size_t count,
                                   struct cf_exchange *outs, enum cf_code *codes,
                                   struct cf_err *err)
{
    return cf_together_send(&client->together, requests, count, outs, codes, err);
}

enum cf_code cf_http_begin(struct cf_http_client *client, const struct cf_http_request *request,
                           struct cf_exchange *out, struct cf_err *err)
{
    return cf_together_begin(&client->together, request, out, err);
}

bool cf_http_ended(struct cf_http_client *client, double ms)
{
    return cf_together_ended(&client->together, ms);
}

enum cf_code cf_http_end(struct cf_http_client *client, const struct cf_http_request *request,
                         struct cf_exchange *out, struct cf_err *err)
{
    return cf_together_end(&client->together, request, out, err);
}

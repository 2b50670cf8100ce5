#include "reference/rpc.h"
#include "harness/base/mem.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct cf_ref_rpc {
    CURL *easy;
    struct curl_slist *headers;
    char *url;
    unsigned long calls; /* the id of the newest */
};

static size_t take(char *bytes, size_t size, size_t count, void *user)
{
    struct cf_buf *body = user;
    cf_buf_append(body, bytes, size * count);
    return body->code == CF_OK ? size * count : CURL_WRITEFUNC_ERROR;
}

static bool is_url(const char *text)
{
    CURLU *url = curl_url();
    char *scheme = NULL;
    bool good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    curl_url_cleanup(url);
    return good;
}

/* What is the same for every call; false where libcurl lacks an option. */
static bool set_up(struct cf_ref_rpc *rpc)
{
    CURL *easy = rpc->easy;
    return curl_easy_setopt(easy, CURLOPT_URL, rpc->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, rpc->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CF_REF_RPC_TIMEOUT_MS) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)CF_REF_RPC_TIMEOUT_MS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take) == CURLE_OK;
}

enum cf_code cf_ref_rpc_new(const char *url, struct cf_ref_rpc **out, struct cf_err *err)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (!is_url(url))
        return cf_err_set(err, CF_EINPUT, "the node's URL is not one of http or https");
    struct cf_ref_rpc *rpc = cf_alloc(sizeof(*rpc));
    rpc->url = cf_strdup(url);
    rpc->easy = curl_easy_init();
    rpc->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!rpc->easy || !rpc->headers || !set_up(rpc)) {
        cf_ref_rpc_free(rpc);
        return cf_err_set(err, CF_EIO, "libcurl cannot be set up");
    }
    *out = rpc;
    return CF_OK;
}

void cf_ref_rpc_free(struct cf_ref_rpc *rpc)
{
    if (!rpc)
        return;
    curl_easy_cleanup(rpc->easy);
    curl_slist_free_all(rpc->headers);
    free(rpc->url);
    free(rpc);
}

/* One try. CF_ENET: another may do better. */
static enum cf_code exchange(struct cf_ref_rpc *rpc, const struct cf_buf *request,
                             struct cf_buf *body, struct cf_err *err)
{
    long status = 0;
    curl_easy_setopt(rpc->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->len);
    curl_easy_setopt(rpc->easy, CURLOPT_POSTFIELDS, request->data);
    curl_easy_setopt(rpc->easy, CURLOPT_WRITEDATA, body);
    CURLcode rc = curl_easy_perform(rpc->easy);
    if (body->code != CF_OK)
        return cf_err_set(err, CF_EPROTO, "the node says more than %d bytes", CF_REF_RPC_MAX_BYTES);
    if (rc != CURLE_OK)
        return cf_err_set(err, CF_ENET, "no answer from the node: %s", curl_easy_strerror(rc));
    curl_easy_getinfo(rpc->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return cf_err_set(err, CF_ENET, "the node answers %ld", status);
    return CF_OK;
}

static enum cf_code converse(struct cf_ref_rpc *rpc, const struct cf_buf *request,
                             struct cf_buf *body, struct cf_err *err)
{
    enum cf_code code = CF_ENET;
    for (int i = 0; i < CF_REF_RPC_TRIES && code == CF_ENET; i++) {
        cf_buf_release(body);
        cf_buf_init(body, CF_REF_RPC_MAX_BYTES);
        code = exchange(rpc, request, body, err);
    }
    return code;
}

/* The result of an answer to the call with this id. */
static enum cf_code read_result(const struct cf_json_doc *doc, unsigned long id,
                                const cJSON **out_result, struct cf_err *err)
{
    const cJSON *error = cf_json_get(doc->root, "error");
    const cJSON *result = cf_json_get(doc->root, "result");
    if (error && !cJSON_IsNull(error))
        return cf_err_set(err, CF_EPROTO, "the node refuses: %s",
                          cf_json_text(error, "message", "without a message"));
    if (!result || cf_json_number(doc->root, "id", -1) != (double)id)
        return cf_err_set(err, CF_EPROTO, "the node's answer is not one of JSON-RPC");
    *out_result = result;
    return CF_OK;
}

static enum cf_code call(void *self, const char *method, const char *params,
                         struct cf_json_doc *doc, const cJSON **out_result, struct cf_err *err)
{
    struct cf_ref_rpc *rpc = self;
    struct cf_buf request = {0};
    struct cf_buf body = {0};
    struct cf_err fault;
    unsigned long id = ++rpc->calls;
    cf_buf_printf(&request, "{\"jsonrpc\":\"2.0\",\"id\":%lu,\"method\":\"%s\",\"params\":%s}", id,
                  method, params);
    enum cf_code code = converse(rpc, &request, &body, err);
    if (code == CF_OK &&
        cf_json_parse(doc, "the node's answer", cf_buf_text(&body), body.len, 0, &fault) != CF_OK)
        code = cf_err_set(err, CF_EPROTO, "%s", fault.text);
    else if (code == CF_OK && (code = read_result(doc, id, out_result, err)) != CF_OK)
        cf_json_release(doc);
    cf_buf_release(&request);
    cf_buf_release(&body);
    return code;
}

struct cf_ref_evm cf_ref_rpc_node(struct cf_ref_rpc *rpc)
{
    return (struct cf_ref_evm){.call = call, .self = rpc};
}

/* Storing what was sent and what came in a cf_exchange; everything passes the redactor here. */
#include "harness/http/transfer.h"

#include <stdlib.h>
#include <string.h>

/* A redacted copy, NUL-terminated; NULL without memory. */
static char *keep_bytes(struct cf_transfer *transfer, const char *bytes, size_t len,
                        size_t *out_len)
{
    const struct cf_redactor *redactor = transfer->options->redactor;
    if (cf_redactor_finds(redactor, bytes, len)) {
        struct cf_buf clean;
        cf_buf_init(&clean, (size_t)-1);
        cf_redactor_apply(redactor, bytes, len, &clean);
        char *taken = cf_buf_take(&clean, out_len);
        cf_buf_release(&clean);
        return taken;
    }
    char *copy = malloc(len + 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    *out_len = len;
    return copy;
}

static char *keep_text(struct cf_transfer *transfer, const char *text)
{
    size_t len = 0;
    return keep_bytes(transfer, text, strlen(text), &len);
}

static bool keep_body(struct cf_transfer *transfer, struct cf_body *out, const char *bytes,
                      size_t len)
{
    out->bytes = keep_bytes(transfer, bytes, len, &out->len);
    return out->bytes != NULL;
}

static bool keep_header(struct cf_transfer *transfer, struct cf_headers *out, const char *name,
                        const char *value)
{
    const struct cf_redactor *redactor = transfer->options->redactor;
    struct cf_buf *clean = &transfer->scratch;
    bool in_name = cf_redactor_finds(redactor, name, strlen(name));
    bool in_value = cf_redactor_finds(redactor, value, strlen(value));
    if (!in_name && !in_value) {
        cf_headers_add(out, name, value);
        return true;
    }
    cf_buf_reset(clean);
    cf_redactor_apply(redactor, name, strlen(name), clean);
    cf_buf_putc(clean, '\0');
    size_t value_at = clean->len;
    cf_redactor_apply(redactor, value, strlen(value), clean);
    if (clean->code != CF_OK)
        return false;
    cf_headers_add(out, clean->data, clean->data + value_at);
    return true;
}

enum cf_code cf_transfer_store_request(struct cf_transfer *transfer,
                                       const struct cf_http_request *request,
                                       struct cf_exchange *out, struct cf_err *err)
{
    out->kind = CF_EXCHANGE_HTTP;
    out->method = keep_text(transfer, request->method);
    out->url = keep_text(transfer, request->url);
    bool kept = out->method && out->url;
    for (size_t i = 0; kept && i < request->headers.count; i++)
        kept = keep_header(transfer, &out->request_headers, request->headers.items[i].name,
                           request->headers.items[i].value);
    if (kept && request->body)
        kept = keep_body(transfer, &out->request_body, request->body, request->body_len);
    return kept ? CF_OK : cf_err_nomem(err);
}

static enum cf_code store_answer(struct cf_transfer *transfer, struct cf_exchange *out,
                                 struct cf_err *err)
{
    long status = 0;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return cf_err_nomem(err);
    /* Trailers are left out: RFC 9110 section 6.5.1 forbids taking them for headers. */
    struct curl_header *header = NULL;
    while ((header = curl_easy_nextheader(transfer->easy, CURLH_HEADER, -1, header)))
        if (!keep_header(transfer, &out->response_headers, header->name, header->value))
            return cf_err_nomem(err);
    if (transfer->body.len > 0 &&
        !keep_body(transfer, &out->response_body, transfer->body.data, transfer->body.len))
        return cf_err_nomem(err);
    out->status = (int)status;
    return CF_OK;
}

enum cf_code cf_transfer_store_failure(struct cf_transfer *transfer, enum cf_code code,
                                       struct cf_exchange *out, struct cf_err *err)
{
    /* A certificate's subject, an echoed URL: an error's text is foreign text as well. */
    out->message = keep_text(transfer, err->text);
    return out->message ? cf_err_set(err, code, "%s", out->message) : cf_err_nomem(err);
}

enum cf_code cf_transfer_finish(struct cf_transfer *transfer, CURLcode result,
                                const struct cf_http_request *request, struct cf_exchange *out,
                                struct cf_err *err)
{
    struct cf_err local;
    struct cf_err *said = err ? err : &local;
    curl_off_t total_us = 0;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total_us) == CURLE_OK)
        out->duration_ms = (double)total_us / 1e3;
    enum cf_code code = cf_transfer_outcome(transfer, result, request, said);
    if (code == CF_OK)
        code = store_answer(transfer, out, said);
    return code == CF_OK ? CF_OK : cf_transfer_store_failure(transfer, code, out, said);
}

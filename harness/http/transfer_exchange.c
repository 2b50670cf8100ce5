/* Storing what was sent and what came in a cf_exchange; everything passes the redactor here. */
#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/http/coding.h"
#include "harness/http/transfer.h"

#include <string.h>
#include <strings.h>

/* A redacted copy, NUL-terminated. */
static char *keep_bytes(const struct cf_transfer *transfer, const char *bytes, size_t len,
                        size_t *out_len)
{
    const struct cf_redactor *redactor = transfer->options->redactor;
    if (!cf_redactor_finds(redactor, bytes, len)) {
        *out_len = len;
        return cf_memdup(bytes, len);
    }
    struct cf_buf clean = {0};
    cf_redactor_apply(redactor, bytes, len, &clean);
    return cf_buf_take(&clean, out_len);
}

static char *keep_text(const struct cf_transfer *transfer, const char *text)
{
    size_t len;
    return keep_bytes(transfer, text, strlen(text), &len);
}

static void keep_body(const struct cf_transfer *transfer, struct cf_body *out, const char *bytes,
                      size_t len)
{
    out->bytes = keep_bytes(transfer, bytes, len, &out->len);
}

static const char *header_of(const struct cf_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    }
    return NULL;
}

/* A body that cannot be searched, or that holds a secret where it cannot be replaced, is not kept:
 * its length and its digest are. */
static void keep_coded_body(const struct cf_transfer *transfer, struct cf_body *out,
                            const char *coding, const char *bytes, size_t len)
{
    char hex[CF_SHA256_HEX];
    struct cf_buf plain = {0};
    struct cf_buf note = {0};
    bool undone = cf_coding_undo(coding, bytes, len, &plain);
    bool holds =
        undone && cf_redactor_finds(transfer->options->redactor, cf_buf_text(&plain), plain.len);
    cf_buf_release(&plain);
    if (undone && !holds) {
        keep_body(transfer, out, bytes, len);
        return;
    }
    cf_sha256_hex(bytes, len, hex);
    cf_buf_printf(&note, "[not kept: %zu bytes, Content-Encoding %.60s, SHA-256 %s: %s]", len,
                  coding ? coding : "gzip, unsaid", hex,
                  holds ? "it holds a secret" : "it cannot be searched for secrets");
    keep_body(transfer, out, cf_buf_text(&note), note.len);
    cf_buf_release(&note);
}

static void keep_header(struct cf_transfer *transfer, struct cf_headers *out, const char *name,
                        const char *value)
{
    const struct cf_redactor *redactor = transfer->options->redactor;
    struct cf_buf *clean = &transfer->scratch;
    const char *whole = cf_redactor_header(redactor, name, value);
    if (whole) {
        cf_headers_add(out, name, whole);
        return;
    }
    if (!cf_redactor_finds(redactor, name, strlen(name)) &&
        !cf_redactor_finds(redactor, value, strlen(value))) {
        cf_headers_add(out, name, value);
        return;
    }
    cf_buf_reset(clean);
    cf_redactor_apply(redactor, name, strlen(name), clean);
    cf_buf_putc(clean, '\0');
    size_t value_at = clean->len;
    cf_redactor_apply(redactor, value, strlen(value), clean);
    cf_headers_add(out, clean->data, clean->data + value_at);
}

void cf_transfer_store_request(struct cf_transfer *transfer, const struct cf_http_request *request,
                               struct cf_exchange *out)
{
    out->kind = CF_EXCHANGE_HTTP;
    out->method = keep_text(transfer, request->method);
    out->url = keep_text(transfer, request->url);
    for (size_t i = 0; i < request->headers.count; i++)
        keep_header(transfer, &out->request_headers, request->headers.items[i].name,
                    request->headers.items[i].value);
    if (request->body)
        keep_body(transfer, &out->request_body, request->body, request->body_len);
}

static enum cf_code store_answer(struct cf_transfer *transfer, struct cf_exchange *out,
                                 struct cf_err *err)
{
    long status = 0;
    if (curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        return cf_err_set(err, CF_EIO, "libcurl does not tell the status");
    /* Trailers are left out: RFC 9110 section 6.5.1 forbids taking them for headers. */
    struct curl_header *header = NULL;
    while ((header = curl_easy_nextheader(transfer->easy, CURLH_HEADER, -1, header)))
        keep_header(transfer, &out->response_headers, header->name, header->value);
    const char *coding = header_of(&out->response_headers, "Content-Encoding");
    const struct cf_buf *body = &transfer->body;
    if (body->len > 0 && transfer->options->redactor &&
        cf_coding_is_coded(coding, body->data, body->len))
        keep_coded_body(transfer, &out->response_body, coding, body->data, body->len);
    else if (body->len > 0)
        keep_body(transfer, &out->response_body, body->data, body->len);
    cf_transfer_store_peer(transfer, out);
    out->status = (int)status;
    return CF_OK;
}

enum cf_code cf_transfer_store_failure(struct cf_transfer *transfer, enum cf_code code,
                                       struct cf_exchange *out, struct cf_err *err)
{
    /* A certificate's subject, an echoed URL: an error's text is foreign text as well. */
    out->message = keep_text(transfer, err->text);
    return cf_err_set(err, code, "%s", out->message);
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

/* How a transfer ended, in the words of somebody who has to mend a server or a profile. */
#include "harness/http/transfer.h"

#include <string.h>
#include <strings.h>

/* "HOST:PORT" of a URL that libcurl accepted; the whole URL where it did not. */
struct endpoint {
    char text[700];
};

static struct endpoint endpoint_of(const char *url)
{
    struct endpoint out;
    char *host = NULL, *port = NULL;
    CURLU *parts = curl_url();
    bool known = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    if (known)
        snprintf(out.text, sizeof(out.text), "%s:%s", host, port);
    else
        snprintf(out.text, sizeof(out.text), "%s", url);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return out;
}

/* With whom is between: it may be that one that is not there. */
static struct endpoint way_to(const struct cf_http_options *options, const char *url)
{
    struct endpoint out;
    struct endpoint end = endpoint_of(url);
    if (!options->proxy)
        return end;
    struct endpoint proxy = endpoint_of(options->proxy);
    snprintf(out.text, sizeof(out.text), "%.300s by the proxy %.300s", end.text, proxy.text);
    return out;
}

/* The system's or libcurl's reason, beginning in lower case as all our texts do. */
struct reason {
    char text[CURL_ERROR_SIZE];
};

static struct reason reason_of(const struct cf_transfer *transfer, CURLcode result)
{
    struct reason out;
    long errnum = 0;
    const char *text = transfer->curl_text[0] ? transfer->curl_text : curl_easy_strerror(result);
    /* "Failed to connect to ... port ... after ... ms: Couldn't connect to server" */
    if (result == CURLE_COULDNT_CONNECT &&
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &errnum) == CURLE_OK && errnum != 0)
        text = strerror((int)errnum);
    /* "Recv failure: Connection reset by peer" */
    const char *failure = strstr(text, " failure: ");
    if (failure)
        text = failure + strlen(" failure: ");
    snprintf(out.text, sizeof(out.text), "%s", text);
    bool word =
        out.text[0] >= 'A' && out.text[0] <= 'Z' && out.text[1] >= 'a' && out.text[1] <= 'z';
    if (word)
        out.text[0] = (char)(out.text[0] + ('a' - 'A'));
    return out;
}

static enum cf_code timed_out(const struct cf_transfer *transfer, const char *where,
                              struct cf_err *err)
{
    curl_off_t total_us = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    const long ms = (long)(total_us / 1000);
    if (transfer->sends == 0)
        return cf_err_set(err, CF_ETIMEOUT, "cannot connect to %s within %ld ms", where, ms);
    if (transfer->header_bytes == 0)
        return cf_err_set(err, CF_ETIMEOUT, "no answer from %s within %ld ms", where, ms);
    return cf_err_set(err, CF_ETIMEOUT,
                      "the answer of %s is not complete after %ld ms (%zu bytes of body so far)",
                      where, ms, transfer->body.len);
}

/* A TLS alert refuses the client, whatever it asks for. Where a connection goes away under TLS it
 * is the system that says so, and libcurl has its number; of an alert it has none. */
static bool is_alert(const struct cf_transfer *transfer, CURLcode result)
{
    long errnum = 0;
    const char *scheme = NULL;
    return (result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR) &&
           curl_easy_getinfo(transfer->easy, CURLINFO_SCHEME, &scheme) == CURLE_OK && scheme &&
           strcasecmp(scheme, "https") == 0 &&
           curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &errnum) == CURLE_OK && errnum == 0;
}

/*
 * Whether a long request was cut off. Who refuses one by its head or length may close before the
 * rest of it has come; what arrives then is answered with a reset, which may take the refusal along
 * (RFC 9112 section 9.6). Who has read all of a request ends the connection orderly.
 */
static bool is_cut_off(const struct cf_transfer *transfer, CURLcode result,
                       const struct cf_http_request *request)
{
    enum { LONG_BYTES = 16 << 10 }; /* less than that is read at once */
    size_t bytes = request->body_len;
    for (size_t i = 0; i < request->headers.count; i++)
        bytes += strlen(request->headers.items[i].value);
    bool failed = result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR;
    return failed && bytes > LONG_BYTES && !is_alert(transfer, result);
}

/* The connection went away under us. */
static enum cf_code dropped(const struct cf_transfer *transfer, CURLcode result, const char *where,
                            const char *reason, struct cf_err *err)
{
    if (transfer->sends == 0)
        return cf_err_set(err, CF_ENET, "cannot connect to %s: %s", where, reason);
    if (transfer->header_bytes == 0)
        return cf_err_set(err, is_alert(transfer, result) ? CF_ENET : CF_EDROPPED,
                          "%s dropped the connection without an answer: %s", where, reason);
    return cf_err_set(err, CF_EPROTO, "the answer of %s is broken after %zu bytes of body: %s",
                      where, transfer->body.len, reason);
}

static enum cf_code over_limit(const struct cf_transfer *transfer, const char *where,
                               struct cf_err *err)
{
    if (transfer->header_lines > CF_HTTP_HEADER_LINES_MAX)
        return cf_err_set(err, CF_ELIMIT, "the answer of %s has more than %d header lines", where,
                          CF_HTTP_HEADER_LINES_MAX);
    if (transfer->header_full)
        return cf_err_set(err, CF_ELIMIT,
                          "the header of %s's answer is over the limit of %zu bytes", where,
                          transfer->options->max_header_bytes);
    return cf_err_set(err, CF_ELIMIT, "the body of %s's answer is over the limit of %zu bytes",
                      where, transfer->options->max_body_bytes);
}

static enum cf_code tls_failed(CURLcode result, const char *where, const char *reason,
                               struct cf_err *err)
{
    switch (result) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return cf_err_set(err, CF_ENET, "the TLS certificate of %s cannot be verified: %s", where,
                          reason);
    case CURLE_SSL_CACERT_BADFILE:
        return cf_err_set(err, CF_EINPUT, "the CA file cannot be used: %s", reason);
    case CURLE_SSL_CERTPROBLEM:
        return cf_err_set(err, CF_EINPUT, "the client certificate or its key cannot be used: %s",
                          reason);
    default:
        return cf_err_set(err, CF_ENET, "the TLS handshake with %s failed: %s", where, reason);
    }
}

static enum cf_code explain(const struct cf_transfer *transfer, CURLcode result, const char *where,
                            const char *reason, struct cf_err *err)
{
    enum { TOO_LARGE = 100 }; /* CURLE_TOO_LARGE, a name since libcurl 8.6 */
    switch ((int)result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return cf_err_set(err, CF_ENET, "cannot connect to %s: %s", where, reason);
    case CURLE_OPERATION_TIMEDOUT:
        return timed_out(transfer, where, err);
    case CURLE_GOT_NOTHING:
        return cf_err_set(err, CF_EDROPPED, "%s closed the connection without an answer", where);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return dropped(transfer, result, where, reason, err);
    case CURLE_WRITE_ERROR:
        return over_limit(transfer, where, err);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return tls_failed(result, where, reason, err);
    case CURLE_FAILED_INIT:
        return cf_err_set(err, CF_EIO, "libcurl could not run the transfer");
    case TOO_LARGE:
    case CURLE_OUT_OF_MEMORY:
        /* Also what libcurl before 8.6 makes of a header line over its 100 KiB, which our header
         * callback never sees; once the request is out that is the likelier of the two. */
        if (transfer->sends > 0)
            return cf_err_set(err, CF_ELIMIT, "%s answers with a header line of over 100 KiB",
                              where);
        return cf_err_set(err, CF_EIO, "libcurl could not send the request: %s", reason);
    default:
        /* "Unsupported protocol" is libcurl's word for a bad URL and for a bad status line. */
        if (transfer->sends > 0)
            return cf_err_set(err, CF_EPROTO, "what %s answered is not HTTP/%s: %s", where,
                              transfer->options->http2 ? "2" : "1.1", reason);
        return cf_err_set(err, CF_EINPUT, "\"%s\" cannot be requested: %s", where, reason);
    }
}

/*
 * libcurl takes the last of several Content-Length fields, and the chunks where there is a
 * Transfer-Encoding beside it. RFC 9112 section 6.3 calls both unrecoverable: who reads such an
 * answer may read another one than was sent.
 */
static bool framing_is_sound(CURL *easy)
{
    static const char blanks[] = " \t,";
    const char *first = NULL;
    size_t first_len = 0;
    struct curl_header *header = NULL;
    for (size_t index = 0;
         curl_easy_header(easy, "Content-Length", index, CURLH_HEADER, -1, &header) == CURLHE_OK;
         index++) {
        for (const char *p = header->value + strspn(header->value, blanks); *p;
             p += strspn(p, blanks)) {
            size_t len = strcspn(p, blanks);
            if (strspn(p, "0123456789") < len)
                return false;
            if (!first) {
                first = p;
                first_len = len;
            } else if (len != first_len || memcmp(p, first, len) != 0) {
                return false;
            }
            p += len;
        }
    }
    bool chunked =
        curl_easy_header(easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
    return !(first && chunked);
}

enum cf_code cf_transfer_outcome(struct cf_transfer *transfer, CURLcode result,
                                 const struct cf_http_request *request, struct cf_err *err)
{
    if (result == CURLE_OK && transfer->header_ended && framing_is_sound(transfer->easy))
        return CF_OK;
    struct endpoint where = way_to(transfer->options, request->url);
    /* libcurl 7.88.1 takes a connection that ends inside the header for an answer without body. */
    if (result == CURLE_OK && !transfer->header_ended)
        return cf_err_set(err, CF_EPROTO, "the answer of %s ends within its header", where.text);
    if (result == CURLE_OK)
        return cf_err_set(err, CF_EPROTO,
                          "the answer of %s contradicts itself about its length (Content-Length, "
                          "Transfer-Encoding)",
                          where.text);
    if (transfer->resend_refused)
        return cf_err_set(err, CF_ENET,
                          "%s closed a connection kept from an earlier request without an answer "
                          "to this %s, which is not sent twice",
                          where.text, request->method);
    struct reason reason = reason_of(transfer, result);
    if (transfer->sends > 0 && is_cut_off(transfer, result, request))
        return cf_err_set(err, CF_ECUT,
                          "%s cut the connection off when a long request was on its way: %s",
                          where.text, reason.text);
    return explain(transfer, result, where.text, reason.text, err);
}

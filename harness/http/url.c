#include "harness/http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

void cf_http_escape_segment(struct cf_buf *out, const char *text)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (;;) {
        size_t plain = strspn(text, unreserved);
        cf_buf_append(out, text, plain);
        text += plain;
        if (*text == '\0')
            return;
        cf_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text++);
    }
}

/* host as libcurl normalised it: numeric forms such as 127.1 are dotted quads by now, IPv6 is in
 * brackets. A name that merely begins like an address is none. */
static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    char inner[INET6_ADDRSTRLEN];
    size_t len = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (len < 3 || len - 2 >= sizeof(inner) || host[0] != '[' || host[len - 1] != ']')
        return false;
    memcpy(inner, host + 1, len - 2);
    inner[len - 2] = '\0';
    return inet_pton(AF_INET6, inner, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool cf_url_has_user(const char *url)
{
    const char *authority = strstr(url, "://");
    authority = authority ? authority + 3 : url;
    return memchr(authority, '@', strcspn(authority, "/?#")) != NULL;
}

/* What the parsed URL no longer shows: empty user information, query or fragment. */
static enum cf_code check_shape(const char *url, struct cf_err *err)
{
    if (cf_url_has_user(url))
        return cf_err_set(err, CF_EINPUT, "the URL holds user information");
    if (strstr(url, ":///")) /* libcurl skips the third slash */
        return cf_err_set(err, CF_EINPUT, "\"%s\" names no host", url);
    if (strchr(url, '?'))
        return cf_err_set(err, CF_EINPUT, "\"%s\" has a query", url);
    if (strchr(url, '#'))
        return cf_err_set(err, CF_EINPUT, "\"%s\" has a fragment", url);
    return CF_OK;
}

enum cf_code cf_http_check_base_url(const char *url, bool *out_loopback, bool *out_tls,
                                    struct cf_err *err)
{
    enum cf_code code = check_shape(url, err);
    if (code != CF_OK)
        return code;
    char *scheme = NULL, *host = NULL;
    CURLU *parts = curl_url();
    CURLUcode rc = curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS);
    if (rc == CURLUE_OK)
        rc = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
    if (rc == CURLUE_OK)
        rc = curl_url_get(parts, CURLUPART_HOST, &host, 0);
    bool tls = rc == CURLUE_OK && strcmp(scheme, "https") == 0;
    if (rc != CURLUE_OK) {
        code = cf_err_set(err, CF_EINPUT, "\"%s\" is not an absolute http or https URL: %s", url,
                          curl_url_strerror(rc));
    } else if (!tls && strcmp(scheme, "http") != 0) {
        code = cf_err_set(err, CF_EINPUT, "\"%s\" is neither http nor https", url);
    } else {
        *out_loopback = is_loopback(host);
        *out_tls = tls;
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parts);
    return code;
}

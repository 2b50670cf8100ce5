#include "harness/http/retry_after.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 9 }; /* thirty years */

double cf_http_retry_after_ms(const struct cf_headers *headers)
{
    const char *text = cf_headers_get(headers, "retry-after");
    const char *date = cf_headers_get(headers, "date");
    if (!text || *text == '\0')
        return -1;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] == '\0')
        return digits <= DIGITS_MAX ? strtod(text, NULL) * 1000 : -1;
    time_t then = curl_getdate(text, NULL);
    time_t now = date ? curl_getdate(date, NULL) : -1;
    if (then == -1 || now == -1)
        return -1;
    return then > now ? difftime(then, now) * 1000 : 0;
}

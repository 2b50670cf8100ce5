/* Small readers of foreign text, each on the whole input: base64, UTF-8, moments, numbers, URLs,
 * and when to come again. */
#include "harness/base/base64.h"
#include "harness/base/clock.h"
#include "harness/base/json_number.h"
#include "harness/base/utf8.h"
#include "harness/http/retry_after.h"
#include "harness/http/url.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

enum { TEXT_MAX = 512 };

static void check_base64(const char *text, size_t len)
{
    struct cf_buf coded;
    struct cf_buf plain;
    cf_buf_init(&coded, 1 << 20);
    cf_buf_init(&plain, 1 << 20);
    cf_base64_encode(&coded, text, len);
    PROMISE(coded.code == CF_OK && coded.len == (len + 2) / 3 * 4);
    PROMISE(cf_base64_decode(&plain, cf_buf_text(&coded), coded.len));
    PROMISE(plain.len == len && memcmp(cf_buf_text(&plain), text, len) == 0);
    cf_buf_reset(&plain);
    if (cf_base64_decode(&plain, text, len))
        PROMISE(plain.len <= len);
    cf_buf_release(&coded);
    cf_buf_release(&plain);
}

static void check_utf8(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code = 0;
        size_t step = cf_utf8_next(text + at, len - at, &code);
        if (step == 0)
            break;
        PROMISE(step <= 4 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff));
        at += step;
    }
    PROMISE(cf_utf8_valid(text, len) == (at == len));
}

static void check_moment(const char *text)
{
    double ms = 0;
    double again = 0;
    char written[CF_TIMESTAMP_BYTES];
    if (!cf_clock_parse(text, &ms))
        return;
    PROMISE(isfinite(ms));
    cf_clock_format(ms, written);
    PROMISE(cf_clock_parse(written, &again) && fabs(again - ms) < 1);
}

static void check_number(const char *text, size_t len)
{
    struct cf_json_doc doc;
    struct cf_err err = {0};
    if (cf_json_parse(&doc, "n", text, len, 0, &err) == CF_OK && cJSON_IsNumber(doc.root) &&
        (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) && !strpbrk(text, " \t\r\n")) {
        PROMISE(cf_json_same_number(text, text));
        (void)cf_json_whole_number(text);
    }
    cf_json_release(&doc);
}

static void check_url(const char *text)
{
    struct cf_buf out;
    struct cf_err err = {0};
    bool loopback = false;
    bool tls = false;
    PROMISE(cf_http_check_base_url(text, &loopback, &tls, &err) == CF_OK ? !cf_url_has_user(text)
                                                                         : err.text[0] != '\0');
    cf_buf_init(&out, 1 << 20);
    cf_http_escape_segment(&out, text);
    PROMISE(out.len == 0 || !strpbrk(cf_buf_text(&out), "/?# \n"));
    cf_buf_release(&out);
}

/* A line end parts Retry-After from Date. */
static void check_retry_after(char *text)
{
    struct cf_headers headers = {0};
    char *newline = strchr(text, '\n');
    if (newline) {
        *newline = '\0';
        cf_headers_add(&headers, "Date", newline + 1);
    }
    cf_headers_add(&headers, "Retry-After", text);
    double ms = cf_http_retry_after_ms(&headers);
    PROMISE(isfinite(ms) && (ms >= 0 || ms == -1));
    cf_headers_release(&headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1];
    size_t len = size < TEXT_MAX ? size : TEXT_MAX;
    if (len > 0)
        memcpy(text, data, len);
    text[len] = '\0';
    check_base64(text, len);
    check_utf8(text, len);
    check_moment(text);
    check_number(text, len);
    check_url(text);
    check_retry_after(text);
    return 0;
}

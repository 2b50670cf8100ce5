#include "harness/base/buf.h"
#include "harness/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cf_buf_init(struct cf_buf *buf, size_t max_bytes)
{
    *buf = (struct cf_buf){.max_bytes = max_bytes};
}

void cf_buf_release(struct cf_buf *buf)
{
    if (!buf)
        return;
    free(buf->data);
    *buf = (struct cf_buf){.max_bytes = buf->max_bytes};
}

void cf_buf_reset(struct cf_buf *buf)
{
    buf->len = 0;
    buf->code = CF_OK;
    if (buf->data)
        buf->data[0] = '\0';
}

static bool reserve(struct cf_buf *buf, size_t more)
{
    if (buf->code != CF_OK)
        return false;
    if (buf->max_bytes > 0 && (more > buf->max_bytes || buf->len > buf->max_bytes - more)) {
        buf->code = CF_ELIMIT;
        return false;
    }
    if (more >= (size_t)PTRDIFF_MAX - buf->len)
        cf_mem_exhausted();
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap *= 2;
    buf->data = cf_realloc(buf->data, cap, 1);
    buf->cap = cap;
    return true;
}

void cf_buf_append(struct cf_buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void cf_buf_puts(struct cf_buf *buf, const char *text)
{
    cf_buf_append(buf, text, strlen(text));
}

void cf_buf_putc(struct cf_buf *buf, char byte)
{
    if (!reserve(buf, 1))
        return;
    buf->data[buf->len++] = byte;
    buf->data[buf->len] = '\0';
}

void cf_buf_put_count(struct cf_buf *buf, unsigned long long value, size_t digits)
{
    enum { DIGITS_MAX = 20 };
    char text[DIGITS_MAX];
    size_t at = DIGITS_MAX;
    for (; at > 0 && (value > 0 || DIGITS_MAX - at < digits); value /= 10)
        text[--at] = (char)('0' + value % 10);
    cf_buf_append(buf, text + at, DIGITS_MAX - at);
}

void cf_buf_vprintf(struct cf_buf *buf, const char *fmt, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), fmt, args);
    if (len < 0)
        cf_mem_exhausted(); /* what else can go wrong is a text of more than INT_MAX bytes */
    if ((size_t)len < sizeof(small)) {
        cf_buf_append(buf, small, (size_t)len);
    } else if (reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void cf_buf_printf(struct cf_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    cf_buf_vprintf(buf, fmt, args);
    va_end(args);
}

enum cf_code cf_buf_check(const struct cf_buf *buf, struct cf_err *err)
{
    if (buf->code == CF_OK)
        return CF_OK;
    return cf_err_set(err, buf->code, "more than %zu bytes", buf->max_bytes);
}

const char *cf_buf_text(const struct cf_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *cf_buf_take(struct cf_buf *buf, size_t *out_len)
{
    if (!reserve(buf, 0))
        return NULL;
    buf->data[buf->len] = '\0';
    char *data = buf->data;
    if (out_len)
        *out_len = buf->len;
    *buf = (struct cf_buf){.max_bytes = buf->max_bytes};
    return data;
}

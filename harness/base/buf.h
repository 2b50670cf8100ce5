/*
 * A growable byte buffer, good when zeroed.
 *
 * A zeroed buffer takes whatever is appended; it cannot fail (see mem.h for the end of memory).
 * Where foreign bytes come in, cf_buf_init() gives it a maximum. Passing that is sticky: the append
 * that would pass it leaves what is there, and every later append does nothing, so that readers
 * append freely and ask cf_buf_check() once.
 *
 * Invariant: while data is not NULL, data[len] is NUL, so text needs no extra care; bytes may
 * nevertheless hold NULs, and len is the truth.
 */
#ifndef CF_BASE_BUF_H
#define CF_BASE_BUF_H

#include "harness/base/err.h"

#include <stdarg.h>
#include <stddef.h>

struct cf_buf {
    char *data; /* NULL until the first append */
    size_t len;
    size_t cap;
    size_t max_bytes;  /* 0: no maximum */
    enum cf_code code; /* CF_ELIMIT once the maximum was passed, else CF_OK */
};

/* An empty buffer that will hold at most max_bytes (0: any number). Owns nothing yet. */
void cf_buf_init(struct cf_buf *buf, size_t max_bytes);
/* Give the memory back, keep the maximum; accepts NULL and may be called twice. */
void cf_buf_release(struct cf_buf *buf);
/* Empty, keep the memory, forget the failure. */
void cf_buf_reset(struct cf_buf *buf);

void cf_buf_append(struct cf_buf *buf, const void *bytes, size_t len);
void cf_buf_puts(struct cf_buf *buf, const char *text);
void cf_buf_putc(struct cf_buf *buf, char byte);
/* In decimal, with leading zeros up to that many digits, at most 20. */
void cf_buf_put_count(struct cf_buf *buf, unsigned long long value, size_t digits);
void cf_buf_printf(struct cf_buf *buf, const char *fmt, ...) CF_PRINTF(2, 3);
void cf_buf_vprintf(struct cf_buf *buf, const char *fmt, va_list args) CF_PRINTF(2, 0);

/* CF_OK or CF_ELIMIT (more than max_bytes), with text in err. Needed where there is a maximum. */
CF_MUST_CHECK enum cf_code cf_buf_check(const struct cf_buf *buf, struct cf_err *err);

/* The text so far, "" while nothing was appended. Valid until the next append. */
const char *cf_buf_text(const struct cf_buf *buf);

/* Give the bytes away as a malloc'd NUL-terminated string, NULL only where the maximum was passed;
 * the buffer is empty afterwards. out_len may be NULL. */
char *cf_buf_take(struct cf_buf *buf, size_t *out_len);

#endif

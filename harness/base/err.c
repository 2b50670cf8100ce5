#include "harness/base/err.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cf_code_name(enum cf_code code)
{
    static const char *const names[] = {
#define CF_X(code, name, meaning) name,
        CF_CODES(CF_X)
#undef CF_X
    };
    size_t index = (size_t)code;
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}

/* One line of printable text: bytes from outside must not move a terminal's cursor. */
static void make_printable(char *text)
{
    for (char *p = text; *p != '\0'; p++) {
        unsigned char byte = (unsigned char)*p;
        if (byte < 0x20 || byte == 0x7f)
            *p = '?';
    }
}

static void set_va(struct cf_err *err, enum cf_code code, const char *fmt, va_list args)
    CF_PRINTF(3, 0);
static void set_va(struct cf_err *err, enum cf_code code, const char *fmt, va_list args)
{
    err->code = code;
    if (vsnprintf(err->text, sizeof(err->text), fmt, args) < 0)
        err->text[0] = '\0';
    make_printable(err->text);
}

bool cf_code_parse(const char *name, enum cf_code *out_code)
{
    for (int code = CF_OK; code < CF_CODE_COUNT; code++) {
        if (strcmp(cf_code_name((enum cf_code)code), name) == 0) {
            *out_code = (enum cf_code)code;
            return true;
        }
    }
    return false;
}

enum cf_code cf_err_set(struct cf_err *err, enum cf_code code, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        set_va(err, code, fmt, args);
        va_end(args);
    }
    return code;
}

enum cf_code cf_err_errno(struct cf_err *err, int errnum, const char *fmt, ...)
{
    if (errnum == ENOMEM)
        cf_mem_exhausted();
    if (err) {
        va_list args;
        va_start(args, fmt);
        set_va(err, CF_EIO, fmt, args);
        va_end(args);
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(errnum));
    }
    return CF_EIO;
}

enum cf_code cf_err_prefix(struct cf_err *err, const char *fmt, ...)
{
    if (!err)
        return CF_EINPUT;
    char old[CF_ERR_TEXT_MAX];
    memcpy(old, err->text, sizeof(old));
    va_list args;
    va_start(args, fmt);
    set_va(err, err->code, fmt, args);
    va_end(args);
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
    return err->code;
}

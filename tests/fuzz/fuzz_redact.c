/* The redactor: the input's first line is a secret, and nothing that was redacted holds it. */
#include "harness/http/redact.h"
#include "tests/fuzz/fuzz.h"

/* A placeholder may not become part of a secret; that of a secret without '$' cannot. */
static size_t plain_secret(const uint8_t *data, size_t size)
{
    size_t len = 0;
    while (len < size && len < 64 &&
           ((data[len] >= 'a' && data[len] <= 'z') || (data[len] >= '0' && data[len] <= '9')))
        len++;
    return len < size && data[len] == '\n' && len >= CF_SECRET_MIN_BYTES ? len : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_redactor *redactor = NULL;
    struct cf_err err = {0};
    struct cf_buf out;
    size_t len = plain_secret(data, size);
    if (len == 0)
        return 0;
    const char *text = (const char *)data + len + 1;
    size_t text_len = size - len - 1;
    redactor = cf_redactor_new();
    PROMISE(cf_redactor_add(redactor, (const char *)data, len, "$KEY", &err) == CF_OK);
    cf_buf_init(&out, 64 << 20);
    cf_redactor_apply(redactor, text, text_len, &out);
    PROMISE(out.code == CF_OK);
    PROMISE(!cf_redactor_finds(redactor, cf_buf_text(&out), out.len));
    if (!cf_redactor_finds(redactor, text, text_len))
        PROMISE(out.len == text_len && memcmp(cf_buf_text(&out), text, text_len) == 0);
    cf_buf_release(&out);
    cf_redactor_free(redactor);
    return 0;
}

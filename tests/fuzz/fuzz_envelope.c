/* Envelopes of certificates from anywhere. Whatever is opened is what was put in: closing it again
 * with its own payload opens as the same. */
#include "cli/certify/dsse.h"
#include "cli/certify/statement.h"
#include "harness/base/base64.h"
#include "tests/fuzz/fuzz.h"

static void check_again(const struct cf_buf *payload)
{
    struct cf_buf text;
    struct cf_buf again;
    struct cf_err err = {0};
    cf_buf_init(&text, 64 << 20);
    cf_buf_init(&again, 64 << 20);
    cf_buf_puts(&text, "{\"payloadType\":\"" CF_STATEMENT_MEDIA_TYPE "\",\"payload\":\"");
    cf_base64_encode(&text, cf_buf_text(payload), payload->len);
    cf_buf_puts(&text, "\",\"signatures\":[{\"sig\":\"AAAA\"}]}");
    PROMISE(cf_dsse_open(&again, "e", text.data, text.len, CF_STATEMENT_MEDIA_TYPE, NULL, &err) ==
            CF_OK);
    PROMISE(again.len == payload->len &&
            memcmp(cf_buf_text(&again), cf_buf_text(payload), again.len) == 0);
    cf_buf_release(&text);
    cf_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_buf payload;
    struct cf_err err = {0};
    cf_buf_init(&payload, 64 << 20);
    if (cf_dsse_open(&payload, "e", (const char *)data, size, CF_STATEMENT_MEDIA_TYPE, NULL,
                     &err) == CF_OK)
        check_again(&payload);
    else
        PROMISE(err.text[0] != '\0');
    cf_buf_release(&payload);
    return 0;
}

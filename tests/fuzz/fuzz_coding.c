/* Bodies with a content coding, which the input's first line names: nothing comes out of a coding
 * that is not known, and never more than the limit. */
#include "harness/http/coding.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char coding[32];
    struct cf_buf out;
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t len = newline ? (size_t)(newline - data) : 0;
    if (!newline || len >= sizeof(coding))
        return 0;
    memcpy(coding, data, len);
    coding[len] = '\0';
    const char *body = (const char *)newline + 1;
    size_t body_len = size - len - 1;
    cf_buf_init(&out, 1 << 20);
    bool coded = cf_coding_is_coded(coding, body, body_len);
    bool undone = cf_coding_undo(coding, body, body_len, &out);
    PROMISE(out.len <= 1 << 20);
    if (!coded && undone)
        PROMISE(out.len == body_len && memcmp(cf_buf_text(&out), body, body_len) == 0);
    cf_buf_release(&out);
    return 0;
}

/* The reference's multipart reader: the input's first line is the boundary. */
#include "reference/multipart.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    struct cf_ref_part part;
    struct cf_err err = {0};
    char boundary[200];
    if (!newline || (size_t)(newline - data) >= sizeof(boundary) ||
        memchr(data, '\0', (size_t)(newline - data)))
        return 0;
    memcpy(boundary, data, (size_t)(newline - data));
    boundary[newline - data] = '\0';
    const char *body = (const char *)newline + 1;
    size_t len = size - (size_t)(newline - data) - 1;
    if (cf_ref_multipart_find(body, len, boundary, "file", &part, &err) == CF_OK) {
        PROMISE(part.bytes >= body && part.bytes + part.len <= body + len);
        PROMISE(strcmp(part.name, "file") == 0);
    }
    return 0;
}

/* What a server sent, on its way into each format: nothing of it can be taken for markup or moves a
 * terminal. */
#include "harness/base/mem.h"
#include "harness/base/utf8.h"
#include "reports/escape.h"
#include "tests/fuzz/fuzz.h"

static bool holds(const struct cf_buf *text, const char *bytes)
{
    for (const char *byte = bytes; *byte; byte++) {
        if (text->len > 0 && memchr(text->data, *byte, text->len))
            return true;
    }
    return false;
}

static void no_awkward(const struct cf_buf *text)
{
    for (size_t at = 0; at < text->len;) {
        uint32_t code = 0;
        size_t len = cf_utf8_next(text->data + at, text->len - at, &code);
        PROMISE(len > 0 && !cf_report_escape_is_awkward(code));
        at += len;
    }
}

/* Markup characters stand in references only, and all is printable ASCII but line ends and tabs. */
static void check_xml(struct cf_buf *out, const char *bytes, size_t len, bool attribute)
{
    cf_buf_reset(out);
    cf_report_escape_xml(out, bytes, len, attribute);
    PROMISE(!holds(out, attribute ? "<>\"\n\r\t" : "<>\r"));
    for (size_t i = 0; i < out->len; i++) {
        unsigned char byte = (unsigned char)out->data[i];
        PROMISE(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte < 0x7f));
    }
}

static void check_shell(struct cf_buf *out, const char *bytes, size_t len)
{
    if (memchr(bytes, '\0', len))
        return;
    cf_buf_reset(out);
    cf_report_escape_shell(out, bytes, len);
    PROMISE(out->len > 0 && !holds(out, "\n\r\033"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_buf out;
    const char *bytes = size ? (const char *)data : "";
    cf_buf_init(&out, 64 << 20);
    cf_report_escape_terminal(&out, bytes, size, 0);
    no_awkward(&out);
    cf_buf_reset(&out);
    cf_report_escape_terminal(&out, bytes, size, 1 + size / 2);
    no_awkward(&out);
    cf_buf_reset(&out);
    cf_report_escape_html(&out, bytes, size);
    PROMISE(!holds(&out, "<>\"'"));
    check_xml(&out, bytes, size, false);
    check_xml(&out, bytes, size, true);
    check_shell(&out, bytes, size);
    cf_buf_reset(&out);
    cf_json_put_string(&out, bytes, size);
    struct cf_json_doc doc;
    struct cf_err err = {0};
    PROMISE(cf_json_parse(&doc, "string", out.data, out.len, 0, &err) == CF_OK);
    PROMISE(cJSON_IsString(doc.root));
    cf_json_release(&doc);
    PROMISE(out.code == CF_OK);
    cf_buf_release(&out);
    return 0;
}

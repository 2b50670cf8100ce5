#include "reference/hash_drafts.h"
#include "reference/compose.h"

#include "harness/base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Each takes one step through the JSON text at from, which is not at its end: puts what becomes of
 * some bytes to the draft, and returns how many they were. */
typedef size_t step_fn(const char *from, struct cf_buf *draft);

static bool begins(const char *text, const char *what)
{
    return strncmp(text, what, strlen(what)) == 0;
}

static size_t keep(const char *from, struct cf_buf *draft)
{
    cf_buf_putc(draft, *from);
    return 1;
}

/* A line end of CR and LF becomes an LF. */
static size_t with_lf(const char *from, struct cf_buf *draft)
{
    return begins(from, "\\r\\n") ? 2 : keep(from, draft);
}

/* What is not ASCII is written as JSON's escapes. */
static size_t with_escapes(const char *from, struct cf_buf *draft)
{
    uint32_t point = 0;
    size_t len = cf_utf8_next(from, strnlen(from, 4), &point); /* of a text that may be long */
    if (len < 2)
        return keep(from, draft);
    if (point > 0xffff) {
        cf_buf_printf(draft, "\\u%04x", (unsigned)(0xd7c0 + (point >> 10)));
        point = 0xdc00 + (point & 0x3ff);
    }
    cf_buf_printf(draft, "\\u%04x", (unsigned)point);
    return len;
}

/* e with an acute accent becomes one character. */
static size_t with_composed(const char *from, struct cf_buf *draft)
{
    if (!begins(from, "e\xcc\x81"))
        return keep(from, draft);
    cf_buf_puts(draft, "\xc3\xa9");
    return 3;
}

/* A byte order mark is left out. */
static size_t without_marks(const char *from, struct cf_buf *draft)
{
    return begins(from, "\xef\xbb\xbf") ? 3 : keep(from, draft);
}

/* Blanks and newlines that end a text become one newline. */
static size_t with_one_end(const char *from, struct cf_buf *draft)
{
    size_t len = 0;
    for (bool more = true; more; len += more ? 1 : 0) {
        bool escaped = begins(from + len, "\\n") || begins(from + len, "\\t");
        more = escaped || from[len] == ' ';
        len += escaped ? 1 : 0;
    }
    if (len == 0 || from[len] != '"')
        return keep(from, draft);
    cf_buf_puts(draft, "\\n");
    return len;
}

/* Nothing is left of what is behind the first 4096 bytes. */
static size_t beginning(const char *from, struct cf_buf *draft)
{
    return draft->len < 4096 ? keep(from, draft) : strlen(from);
}

/* Of a text that stands twice in a row in an array one is left. */
static size_t without_repeats(const char *from, struct cf_buf *draft)
{
    const char *end = *from == '"' ? strchr(from + 1, '"') : NULL;
    size_t len = end ? (size_t)(end - from) + 1 : 0;
    return end && end[1] == ',' && strncmp(end + 2, from, len) == 0 ? len + 1 : keep(from, draft);
}

static const struct {
    enum cf_ref_id id;
    step_fn *step;
} drafts[] = {
    {CF_REF_DEV_TWO_PHASE_HASH_OF_A_DRAFT, with_lf},
    {CF_REF_DEV_TWO_PHASE_HASH_OF_ESCAPES, with_escapes},
    {CF_REF_DEV_TWO_PHASE_HASH_OF_COMPOSED, with_composed},
    {CF_REF_DEV_TWO_PHASE_HASH_WITHOUT_MARK, without_marks},
    {CF_REF_DEV_TWO_PHASE_HASH_OF_TIDIED, with_one_end},
    {CF_REF_DEV_TWO_PHASE_HASH_OF_BEGINNING, beginning},
    {CF_REF_DEV_TWO_PHASE_HASH_WITHOUT_REPEATS, without_repeats},
};

void cf_ref_draft_hash(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       const struct cf_ref_update *update, char hash[CF_SHA256_HEX])
{
    step_fn *step = NULL;
    struct cf_buf document = {0};
    struct cf_buf draft = {0};
    for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++)
        step = cf_ref_has(on, drafts[i].id) ? drafts[i].step : step;
    if (!step)
        return;
    cf_ref_compose_put(cvm->name, &cvm->settings, update, &document);
    for (const char *at = cf_buf_text(&document); *at;)
        at += step(at, &draft);
    cf_sha256_hex(cf_buf_text(&draft), draft.len, hash);
    cf_buf_release(&document);
    cf_buf_release(&draft);
}

/* Comparing text with a form of a secret. */
#include "harness/http/redact_escapes.h"
#include "harness/http/redact_forms.h"

#include <string.h>

enum { PASSED_MAX_BYTES = 8, FORKS_MAX = 64 };

/* ---- comparing ---- */

static bool same_bytes(const struct cf_form *form, size_t at, const unsigned char *bytes,
                       size_t len)
{
    if (len > form->len - at)
        return false;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != form->bytes[at + i] && bytes[i] != form->other[at + i])
            return false;
    return true;
}

/* A way to read what stands at a place: `used` bytes of text are the form's next `gained`. */
struct step {
    size_t used, gained;
    int depth; /* times that escapes were undone before this one; AS_IT_IS: none is one */
};

enum { AS_IT_IS = CF_ESCAPE_DEPTH_MAX, STEPS_MAX = CF_ESCAPE_DEPTH_MAX + 1 };

/* Every way to read the beginning of text as the form's next: how many. There is more than one only
 * where the form's next byte begins escapes itself: "%25" is "%", or is "%25". */
static size_t read_steps(const struct cf_form *form, size_t at, const unsigned char *text,
                         size_t len, struct step out[STEPS_MAX])
{
    int depths = text[0] == '+' ? 1 : cf_escape_begins(text[0]) ? CF_ESCAPE_DEPTH_MAX : 0;
    size_t count = 0;
    for (int depth = 0; depth < depths; depth++) {
        struct cf_plain plain;
        size_t used = cf_escape_undo_deep(text, len, depth, &plain);
        if (used && same_bytes(form, at, plain.bytes, plain.len))
            out[count++] = (struct step){used, plain.len, depth};
        if (used && depth == 0 && !cf_escape_begins(plain.bytes[0]))
            break; /* there is nothing deeper */
    }
    if (same_bytes(form, at, text, 1))
        out[count++] = (struct step){1, 1, AS_IT_IS};
    return count;
}

/* A line break, as it is, escaped, or quoted-printable's soft one. */
static size_t line_break(const unsigned char *text, size_t len)
{
    if (text[0] == '\r' || text[0] == '\n')
        return 1;
    if (len >= 2 && text[0] == '\\' && (text[1] == 'n' || text[1] == 'r'))
        return 2;
    return len >= 2 && text[0] == '=' && (text[1] == '\r' || text[1] == '\n') ? 2 : 0;
}

/* What else may stand before the form's next byte: 0 when nothing may. */
static size_t pass_over(const struct cf_form *form, size_t at, const unsigned char *text,
                        size_t len)
{
    static const char separators[] = " \t\r\n:,;._-\"'xX\\u%&#=[]()|/";
    bool between = form->kind == CF_FORM_HEX && at % 2 == 0;
    if (text[0] == '\0') /* UTF-16 and UTF-32 */
        return 1;
    if (len >= 6 && memcmp(text, "\\u0000", 6) == 0)
        return 6;
    if (between && len >= 2 && text[0] == '0' && strchr("xX0", text[1]))
        return 2;
    if (between && strchr(separators, text[0]))
        return 1;
    if (form->kind == CF_FORM_BASE64 && (text[0] == ' ' || text[0] == '\t'))
        return 1;
    return line_break(text, len);
}

/* Text that is read in all ways as a form. Where there is more than one, each is tried, once for
 * every place in form and text: an encoder leaves what only looks like another one's escape, and so
 * how deep one escape is says nothing about the next. */
struct search {
    const struct cf_form *form;
    const unsigned char *text;
    size_t len;
    struct {
        size_t at, used;
    } forks[FORKS_MAX];
    size_t fork_count;
    size_t longest; /* bytes of text that are the whole form, 0: none so far */
};

/* Whether the place is a new one. With FORKS_MAX of them, no more is tried but one way. */
static bool note_fork(struct search *search, size_t at, size_t used)
{
    for (size_t i = 0; i < search->fork_count; i++) {
        if (search->forks[i].at == at && search->forks[i].used == used)
            return false;
    }
    search->forks[search->fork_count].at = at;
    search->forks[search->fork_count++].used = used;
    return true;
}

/* The step that is as deep as the last one first: most encoders do the same everywhere. */
static void put_first(struct step steps[STEPS_MAX], size_t count, int depth)
{
    for (size_t i = 1; i < count; i++) {
        if (steps[i].depth == depth) {
            struct step first = steps[i];
            steps[i] = steps[0];
            steps[0] = first;
        }
    }
}

static void read_on(struct search *search, size_t at, size_t used, int depth);

static void fork_at(struct search *search, size_t at, size_t used,
                    const struct step steps[STEPS_MAX], size_t count)
{
    if (!note_fork(search, at, used))
        return;
    for (size_t i = 0; i < count; i++)
        read_on(search, at + steps[i].gained, used + steps[i].used, steps[i].depth);
}

/* From this place to the end, in all ways. depth: the last step's where there was a choice. Calls
 * itself no more than FORKS_MAX deep. */
static void read_on(struct search *search, size_t at, size_t used, int depth)
{
    const struct cf_form *form = search->form;
    struct step steps[STEPS_MAX];
    size_t passed = 0;
    while (at < form->len) {
        const unsigned char *text = search->text + used;
        size_t len = search->len - used;
        size_t count = len > 0 ? read_steps(form, at, text, len, steps) : 0;
        if (count > 1) {
            put_first(steps, count, depth);
            if (search->fork_count < FORKS_MAX) {
                fork_at(search, at, used, steps, count);
                return;
            }
        }
        if (count > 0) {
            at += steps[0].gained;
            used += steps[0].used;
            passed = 0;
            continue;
        }
        bool may_pass = at > 0 && len > 0 && passed < PASSED_MAX_BYTES;
        size_t over = may_pass ? pass_over(form, at, text, len) : 0;
        if (over == 0)
            return;
        passed += over;
        used += over;
    }
    if (used > search->longest)
        search->longest = used;
}

/* How many bytes the two have in common before an escape may begin: they read in one way only. */
static size_t plain_beginning(const struct cf_form *form, const unsigned char *text, size_t len)
{
    size_t at = 0;
    while (at < form->len && at < len && !cf_escape_begins(text[at]) &&
           same_bytes(form, at, text + at, 1))
        at++;
    return at;
}

/* Neither an escape nor passed over, but between hex digits. */
static bool is_plain(unsigned char byte)
{
    unsigned char small = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (small >= 'a' && small <= 'z');
}

/* From where they part. */
static size_t match_further(const struct cf_form *form, const unsigned char *text, size_t len,
                            size_t plain)
{
    struct search search; /* not all of it is worth clearing */
    if (!cf_escape_begins(text[plain]) &&
        (plain == 0 || pass_over(form, plain, text + plain, len - plain) == 0))
        return 0;
    search.form = form;
    search.text = text;
    search.len = len;
    search.fork_count = 0;
    search.longest = 0;
    read_on(&search, plain, plain, 0);
    return search.longest;
}

static size_t match_loosely(const struct cf_form *form, const unsigned char *text, size_t len)
{
    size_t plain = plain_beginning(form, text, len);
    if (plain == form->len)
        return plain;
    /* Nearly every text parts from the form here. */
    if (plain == len || (is_plain(text[plain]) && form->kind != CF_FORM_HEX))
        return 0;
    return match_further(form, text, len, plain);
}

/* A list of numbers: each of them whole, and something between two. */
static size_t match_codes(const struct cf_form *form, const unsigned char *text, size_t len)
{
    static const char separators[] = " \t\r\n,;:|&#\"'\\xrn[]().+-";
    size_t used = 0;
    for (size_t at = 0; at < form->len; at++) {
        size_t passed = 0;
        if (form->bytes[at] != ',') {
            if (used == len || text[used++] != form->bytes[at])
                return 0;
            continue;
        }
        while (used + passed < len && passed < 2 * PASSED_MAX_BYTES && text[used + passed] &&
               strchr(separators, text[used + passed]))
            passed++;
        if (passed == 0)
            return 0;
        used += passed;
    }
    return used < len && text[used] >= '0' && text[used] <= '9' ? 0 : used;
}

/* Most of what is escaped twice is a letter of JSON, "\\n": then nothing else has to be undone to
 * know what it stands for. text: after the escape that stood for a backslash. Returns whether it is
 * known: *out_meaning, or -1 where it is no escape. */
static bool know_letter(const unsigned char *text, size_t len, int *out_meaning)
{
    struct cf_plain next = {.bytes = {'\\'}, .len = 1};
    if (len > 0)
        next.bytes[0] = text[0];
    if (len > 0 && text[0] == '\\' && !cf_escape_undo(text, len, &next))
        return false;
    *out_meaning = cf_escape_json_meaning(next.bytes[0]);
    return !cf_escape_begins(next.bytes[0]) && next.bytes[0] != 'u';
}

size_t cf_form_firsts(const unsigned char *text, size_t len, unsigned char out[CF_FORM_FIRSTS])
{
    struct cf_plain plain;
    size_t count = 0;
    out[count++] = text[0];
    if (!cf_escape_begins(text[0]))
        return count;
    int meaning = 0;
    size_t used = cf_escape_undo(text, len, &plain);
    if (used) {
        out[count++] = plain.bytes[0];
        if (!cf_escape_begins(plain.bytes[0]))
            return count; /* which no escape can begin with: there is nothing deeper */
    }
    if (used && plain.bytes[0] == '\\' && know_letter(text + used, len - used, &meaning)) {
        if (meaning >= 0)
            out[count++] = (unsigned char)meaning;
        return count;
    }
    for (int depth = 1; depth < CF_ESCAPE_DEPTH_MAX; depth++) {
        if (cf_escape_undo_deep(text, len, depth, &plain))
            out[count++] = plain.bytes[0];
    }
    return count;
}

/* ---- where a hit can begin ---- */

static bool has_bit(const uint32_t bits[256][8], unsigned char first, unsigned char second)
{
    return bits[first][second / 32] >> (second % 32) & 1;
}

/* Whether what stands after a form's first byte may be something that is passed over. */
static bool may_pass(const unsigned char *text, size_t len)
{
    switch (text[0]) {
    case '\0':
    case '\r':
    case '\n':
    case ' ':
    case '\t':
        return true;
    case '\\':
        return len < 2 || text[1] == 'n' || text[1] == 'r' || text[1] == 'u';
    case '=':
        return len < 2 || text[1] == '\r' || text[1] == '\n';
    default:
        return false;
    }
}

static bool begins_a_form(const struct cf_form_set *set, const unsigned char *text, size_t len)
{
    unsigned char firsts[CF_FORM_FIRSTS];
    size_t count = cf_form_firsts(text, len, firsts);
    for (size_t i = 0; i < count; i++) {
        if (set->by_first[firsts[i]].count > 0)
            return true;
    }
    return false;
}

bool cf_form_may_begin(const struct cf_form_set *set, const unsigned char *text, size_t len)
{
    unsigned char seconds[CF_FORM_FIRSTS];
    if (len < 2 || !cf_form_may_begin_pair(set, text))
        return false; /* no form is shorter */
    if (cf_escape_begins(text[0]))
        return begins_a_form(set, text, len);
    if (has_bit(set->own, text[0], text[1]) || may_pass(text + 1, len - 1))
        return true;
    size_t count = cf_form_firsts(text + 1, len - 1, seconds);
    for (size_t i = 1; i < count; i++) {
        if (has_bit(set->own, text[0], seconds[i]))
            return true;
    }
    return false;
}

size_t cf_form_match(const struct cf_form *form, const unsigned char *text, size_t len,
                     bool *out_exact)
{
    size_t used =
        form->kind == CF_FORM_CODES ? match_codes(form, text, len) : match_loosely(form, text, len);
    *out_exact = used == form->len && form->kind != CF_FORM_CODES &&
                 memcmp(form->bytes, text, form->len) == 0;
    return used;
}

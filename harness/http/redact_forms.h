/*
 * The forms in which a secret is looked for: the room's own, behind redact.h.
 *
 * Encodings come in two sorts. Base64, hex and lists of codes change every byte, so each is kept as
 * a form of its own and searched for; what may stand between its digits is passed over. URL, JSON,
 * HTML and quoted-printable escapes change only some bytes, and every encoder chooses others, so
 * these are not listed at all: the comparison undoes an escape wherever it meets one, and an escape
 * of that, three deep, and goes back to another reading where one leads nowhere. That finds the
 * mixed ones too, such as base64 inside JSON inside a query.
 */
#ifndef CF_HTTP_REDACT_FORMS_H
#define CF_HTTP_REDACT_FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cf_form_kind {
    CF_FORM_TEXT,   /* the secret itself */
    CF_FORM_HEX,    /* with any separators between two digits and the next two */
    CF_FORM_BASE64, /* with line breaks anywhere */
    CF_FORM_CODES   /* decimal; each comma of the form is any separator */
};

struct cf_form {
    unsigned char *bytes;
    unsigned char *other; /* each in the other case where that does not matter, else the same */
    size_t len;
    size_t secret; /* index into placeholders */
    enum cf_form_kind kind;
    bool fold_case;
};

/* Indices into forms. */
struct cf_form_list {
    size_t *items;
    size_t count, cap;
};

struct cf_form_set {
    struct cf_form *forms;
    size_t count, cap;
    struct cf_form_list by_first[256]; /* those that begin with this byte, in whatever case */
    uint32_t pairs[256][8];            /* by the first byte: a bit for each second one of a hit */
    uint32_t own[256][8];              /* likewise, where nothing is escaped or passed over */
    size_t max_span;                   /* longest stretch of text that one form can be written in */
};

/* Add all forms of a secret of at least CF_SECRET_MIN_BYTES. */
void cf_form_set_add(struct cf_form_set *set, const char *value, size_t len, size_t secret);
void cf_form_set_release(struct cf_form_set *set);

/* What text can begin with, however often it is escaped: its first byte and those of what the
 * escape there stands for. Returns how many. */
enum { CF_FORM_FIRSTS = 4 };
size_t cf_form_firsts(const unsigned char *text, size_t len, unsigned char out[CF_FORM_FIRSTS]);

/* Whether a form can begin at text, as far as its first two bytes tell, in whatever way they are
 * written: what is out by this needs no comparing. Quick; true more often than there is a hit. */
bool cf_form_may_begin(const struct cf_form_set *set, const unsigned char *text, size_t len);

/* The same by the two bytes as they are: what cf_form_may_begin() looks at first, in line for the
 * loops over whole files. text has two bytes. */
static inline bool cf_form_may_begin_pair(const struct cf_form_set *set, const unsigned char *text)
{
    return set->pairs[text[0]][text[1] / 32] >> (text[1] % 32) & 1;
}

/* Whether a form whose first byte stands before second, as it is, can go on there: with its own
 * second byte, an escape, or what is passed over. */
bool cf_form_may_go_on(const struct cf_form *form, unsigned char second);

/* Length of the stretch at the start of text that is the form; 0 when it does not begin with it.
 * *out_exact: it is the form byte by byte. */
size_t cf_form_match(const struct cf_form *form, const unsigned char *text, size_t len,
                     bool *out_exact);

#endif

#include "harness/http/redact.h"
#include "harness/base/gzip.h"
#include "harness/base/mem.h"
#include "harness/http/redact_forms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A header's value that is hidden whole. */
struct header_rule {
    char *name, *value, *placeholder;
};

/* A short text, as most come many times: URLs, names and values of headers. */
struct known {
    char *bytes;
    size_t len;
    char *clean; /* what it is without its secrets; NULL: it has none */
    size_t clean_len;
};

enum { KNOWN_MAX = 64, KNOWN_MAX_BYTES = 256 };

struct cf_redactor {
    struct cf_form_set set;
    struct known *known; /* KNOWN_MAX of them, each in known_place() */
    struct header_rule *headers;
    size_t header_count, header_cap;
    char **placeholders;
    size_t secret_count, secret_cap;
};

enum { PIECE_BYTES = 64 * 1024 };

struct cf_redactor *cf_redactor_new(void)
{
    struct cf_redactor *redactor = cf_alloc(sizeof(*redactor));
    redactor->known = cf_alloc_array(KNOWN_MAX, sizeof(*redactor->known));
    return redactor;
}

static void forget(struct known *known)
{
    if (known->bytes)
        explicit_bzero(known->bytes, known->len);
    free(known->bytes);
    free(known->clean);
    *known = (struct known){0};
}

static void forget_all(struct cf_redactor *redactor)
{
    for (size_t i = 0; i < KNOWN_MAX; i++)
        forget(&redactor->known[i]);
}

void cf_redactor_free(struct cf_redactor *redactor)
{
    if (!redactor)
        return;
    cf_form_set_release(&redactor->set);
    forget_all(redactor);
    free(redactor->known);
    for (size_t i = 0; i < redactor->secret_count; i++)
        free(redactor->placeholders[i]);
    for (size_t i = 0; i < redactor->header_count; i++) {
        struct header_rule *rule = &redactor->headers[i];
        explicit_bzero(rule->value, strlen(rule->value));
        free(rule->name);
        free(rule->value);
        free(rule->placeholder);
    }
    free(redactor->headers);
    free(redactor->placeholders);
    free(redactor);
}

/* ---- headers ---- */

void cf_redactor_add_header(struct cf_redactor *redactor, const char *name, const char *value,
                            const char *placeholder)
{
    redactor->headers = cf_grow(redactor->headers, redactor->header_count, &redactor->header_cap,
                                sizeof(struct header_rule));
    redactor->headers[redactor->header_count++] =
        (struct header_rule){cf_strdup(name), cf_strdup(value), cf_strdup(placeholder)};
}

const char *cf_redactor_header(const struct cf_redactor *redactor, const char *name,
                               const char *value)
{
    for (size_t i = 0; redactor && i < redactor->header_count; i++) {
        const struct header_rule *rule = &redactor->headers[i];
        if (strcasecmp(rule->name, name) == 0 && strcmp(rule->value, value) == 0)
            return rule->placeholder;
    }
    return NULL;
}

enum cf_code cf_redactor_add(struct cf_redactor *redactor, const char *value, size_t len,
                             const char *placeholder, struct cf_err *err)
{
    if (len < CF_SECRET_MIN_BYTES)
        return cf_err_set(err, CF_EINPUT, "the secret %s has %zu bytes; at least %d are needed",
                          placeholder, len, CF_SECRET_MIN_BYTES);
    forget_all(redactor);
    cf_form_set_add(&redactor->set, value, len, redactor->secret_count);
    redactor->placeholders = cf_grow(redactor->placeholders, redactor->secret_count,
                                     &redactor->secret_cap, sizeof(char *));
    redactor->placeholders[redactor->secret_count++] = cf_strdup(placeholder);
    return CF_OK;
}

/* ---- searching ---- */

/* The longest form that text begins with. Of two as long, the one that is there byte by byte: a key
 * in another case is not the key. */
struct longest {
    size_t len, form;
    bool exact;
};

static void try_form(const struct cf_form_set *set, size_t index, const unsigned char *text,
                     size_t len, struct longest *longest)
{
    bool exact = false;
    size_t hit = cf_form_match(&set->forms[index], text, len, &exact);
    bool better = hit > longest->len || (hit == longest->len && exact && !longest->exact);
    bool as_good = hit == longest->len && exact == longest->exact && index < longest->form;
    if (hit > 0 && (better || as_good))
        *longest = (struct longest){hit, index, exact};
}

/* Length of the longest hit at the start of text, which has two bytes; 0 without one. */
static size_t longest_hit(const struct cf_redactor *redactor, const unsigned char *text, size_t len,
                          size_t *out_secret)
{
    const struct cf_form_set *set = &redactor->set;
    struct longest longest = {0};
    unsigned char firsts[CF_FORM_FIRSTS];
    size_t first_count = cf_form_firsts(text, len, firsts);
    bool as_it_is = first_count == 1; /* not an escape */
    for (size_t i = 0; i < first_count; i++) {
        const struct cf_form_list *list = &set->by_first[firsts[i]];
        for (size_t k = 0; k < list->count; k++) {
            if (!as_it_is || cf_form_may_go_on(&set->forms[list->items[k]], text[1]))
                try_form(set, list->items[k], text, len, &longest);
        }
    }
    if (longest.len > 0)
        *out_secret = set->forms[longest.form].secret;
    return longest.len;
}

/* Whether a hit can begin at text, which has two bytes: no form is shorter. */
static inline bool may_begin(const struct cf_redactor *redactor, const unsigned char *text,
                             size_t len)
{
    return cf_form_may_begin_pair(&redactor->set, text) &&
           cf_form_may_begin(&redactor->set, text, len);
}

struct hit {
    size_t start, end;
    size_t secret;
};

/* First hit at or after from. Hits that overlap are one, so that no tail of the second stays. */
static bool next_hit(const struct cf_redactor *redactor, const unsigned char *text, size_t len,
                     size_t from, struct hit *out)
{
    for (size_t at = from; at + 1 < len; at++) {
        if (!may_begin(redactor, text + at, len - at))
            continue;
        size_t secret = 0, other = 0;
        size_t span = longest_hit(redactor, text + at, len - at, &secret);
        if (!span)
            continue;
        size_t end = at + span;
        for (size_t next = at + 1; next < end && next + 1 < len; next++) {
            if (!may_begin(redactor, text + next, len - next))
                continue;
            span = longest_hit(redactor, text + next, len - next, &other);
            if (next + span > end)
                end = next + span;
        }
        *out = (struct hit){.start = at, .end = end, .secret = secret};
        return true;
    }
    return false;
}

/* The placeholder of the first secret in bytes, NULL without one. */
static const char *first_secret(const struct cf_redactor *redactor, const char *bytes, size_t len)
{
    const unsigned char *text = (const unsigned char *)bytes;
    size_t secret = 0;
    for (size_t at = 0; at + 1 < len; at++)
        if (may_begin(redactor, text + at, len - at) &&
            longest_hit(redactor, text + at, len - at, &secret))
            return redactor->placeholders[secret];
    return NULL;
}

/* ---- texts that are known ---- */

static struct known *known_place(const struct cf_redactor *redactor, const char *bytes, size_t len)
{
    size_t mark = len;
    for (size_t i = 0; i < len; i++)
        mark = mark * 33 + (unsigned char)bytes[i];
    return &redactor->known[mark % KNOWN_MAX];
}

/* NULL where it is not. */
static const struct known *find_known(const struct cf_redactor *redactor, const char *bytes,
                                      size_t len)
{
    const struct known *known = len <= KNOWN_MAX_BYTES ? known_place(redactor, bytes, len) : NULL;
    bool found =
        known && known->bytes && known->len == len && memcmp(known->bytes, bytes, len) == 0;
    return found ? known : NULL;
}

/* clean: NULL where there is no secret in it. */
static void remember(const struct cf_redactor *redactor, const char *bytes, size_t len,
                     const char *clean, size_t clean_len)
{
    if (len > KNOWN_MAX_BYTES)
        return;
    struct known *known = known_place(redactor, bytes, len);
    forget(known);
    *known = (struct known){.bytes = cf_memdup(bytes, len), .len = len, .clean_len = clean_len};
    if (clean)
        known->clean = cf_memdup(clean, clean_len);
}

bool cf_redactor_finds(const struct cf_redactor *redactor, const char *bytes, size_t len)
{
    const struct known *known = redactor ? find_known(redactor, bytes, len) : NULL;
    if (!redactor || known)
        return known && known->clean;
    bool found = first_secret(redactor, bytes, len) != NULL;
    if (!found)
        remember(redactor, bytes, len, NULL, 0);
    return found;
}

/* Returns whether there was a hit. */
static bool replace_hits(const struct cf_redactor *redactor, const char *bytes, size_t len,
                         struct cf_buf *out)
{
    size_t done = 0;
    struct hit hit;
    while (next_hit(redactor, (const unsigned char *)bytes, len, done, &hit)) {
        cf_buf_append(out, bytes + done, hit.start - done);
        cf_buf_puts(out, redactor->placeholders[hit.secret]);
        done = hit.end;
    }
    cf_buf_append(out, bytes + done, len - done);
    return done > 0;
}

/* The last letters of a placeholder may make a form whole with what follows: look again. Returns
 * whether there was a secret. */
static bool clean(const struct cf_redactor *redactor, const char *bytes, size_t len,
                  struct cf_buf *out)
{
    enum { TIMES_MAX = 8 };
    size_t begin = out->len;
    bool found = replace_hits(redactor, bytes, len, out);
    bool hit = found;
    for (int times = 0; hit && times < TIMES_MAX && out->code == CF_OK &&
                        cf_redactor_finds(redactor, out->data + begin, out->len - begin);
         times++) {
        size_t again_len = out->len - begin;
        char *again = cf_memdup(out->data + begin, again_len);
        out->len = begin;
        hit = replace_hits(redactor, again, again_len, out);
        free(again);
    }
    return found;
}

void cf_redactor_apply(const struct cf_redactor *redactor, const char *bytes, size_t len,
                       struct cf_buf *out)
{
    const struct known *known = redactor ? find_known(redactor, bytes, len) : NULL;
    if (!redactor || (known && !known->clean)) {
        cf_buf_append(out, bytes, len);
    } else if (known) {
        cf_buf_append(out, known->clean, known->clean_len);
    } else {
        size_t begin = out->len;
        bool found = clean(redactor, bytes, len, out);
        if (out->code == CF_OK)
            remember(redactor, bytes, len, found ? out->data + begin : NULL, out->len - begin);
    }
}

/* ---- files ---- */

/* A hit that ends in the next piece begins in the last max_span - 1 bytes of those before. */
struct window {
    const struct cf_redactor *redactor;
    char *bytes; /* room for PIECE_BYTES and max_span */
    size_t held;
    const char *hit;
};

static void search_piece(struct window *window, const char *bytes, size_t len)
{
    size_t keep = window->redactor->set.max_span ? window->redactor->set.max_span - 1 : 0;
    memcpy(window->bytes + window->held, bytes, len);
    size_t have = window->held + len;
    window->hit = first_secret(window->redactor, window->bytes, have);
    window->held = have < keep ? have : keep;
    memmove(window->bytes, window->bytes + have - window->held, window->held);
}

/* A cf_gzip_take_fn. */
static bool search_bytes(void *context, const char *bytes, size_t len)
{
    struct window *window = context;
    for (size_t at = 0; at < len && !window->hit; at += PIECE_BYTES)
        search_piece(window, bytes + at, len - at < PIECE_BYTES ? len - at : PIECE_BYTES);
    return !window->hit;
}

/* *out_compressed: it begins as a file of gzip does. */
static enum cf_code search_plain(struct window *window, int fd, const char *path,
                                 bool *out_compressed, struct cf_err *err)
{
    char piece[PIECE_BYTES];
    *out_compressed = false;
    for (bool first = true;; first = false) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cf_err_errno(err, errno, "cannot read %s", path);
        if (first)
            *out_compressed = cf_gzip_begins(piece, (size_t)got);
        if (got == 0 || !search_bytes(window, piece, (size_t)got))
            return CF_OK;
    }
}

enum cf_code cf_redactor_scan_file(const struct cf_redactor *redactor, const char *path,
                                   const char **out_hit, struct cf_err *err)
{
    struct window window = {.redactor = redactor};
    bool compressed;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return cf_err_set(err, CF_ENOTFOUND, "%s does not exist", path);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot open %s", path);
    window.bytes = cf_alloc(PIECE_BYTES + redactor->set.max_span);
    enum cf_code code = search_plain(&window, fd, path, &compressed, err);
    if (code == CF_OK && !window.hit && compressed) {
        window.held = 0;
        code = cf_gzip_each(fd, search_bytes, &window, path, err);
    }
    *out_hit = window.hit;
    free(window.bytes);
    close(fd);
    return code;
}

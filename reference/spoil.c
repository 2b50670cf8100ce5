#include "reference/spoil.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each changes bytes in place and returns the new length, never a greater one. */
typedef size_t spoil_fn(char *bytes, size_t len, size_t max);

static size_t to_ascii(char *bytes, size_t len, size_t max)
{
    (void)max;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)bytes[i] > 0x7f)
            bytes[i] = '?';
    }
    return len;
}

static size_t cut(char *bytes, size_t len, size_t max)
{
    (void)bytes;
    return len < max ? len : max;
}

static size_t trim(char *bytes, size_t len, size_t max)
{
    (void)max;
    while (len > 0 && strchr(" \t\r\n", bytes[len - 1]) && bytes[len - 1] != '\0')
        len--;
    return len;
}

static size_t without_crs(char *bytes, size_t len, size_t max)
{
    size_t kept = 0;
    (void)max;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n')
            bytes[kept++] = bytes[i];
    }
    return kept;
}

static size_t without_tabs(char *bytes, size_t len, size_t max)
{
    (void)max;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\t')
            bytes[i] = ' ';
    }
    return len;
}

/* A question mark for each character of four bytes. */
static size_t without_long_characters(char *bytes, size_t len, size_t max)
{
    size_t kept = 0;
    (void)max;
    for (size_t i = 0; i < len; i++) {
        bool is_long = ((unsigned char)bytes[i] & 0xf8) == 0xf0;
        bytes[kept++] = is_long ? '?' : bytes[i];
        i += is_long ? 3 : 0;
    }
    return kept;
}

/* from, wherever it is, becomes to, which is no longer. */
static size_t replaced(char *bytes, size_t len, const char *from, const char *to)
{
    size_t from_len = strlen(from);
    size_t to_len = strlen(to);
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        bool found = len - i >= from_len && memcmp(bytes + i, from, from_len) == 0;
        memmove(bytes + kept, found ? to : bytes + i, found ? to_len : 1);
        kept += found ? to_len : 1;
        i += found ? from_len - 1 : 0;
    }
    return kept;
}

/* As where compose files are filled in. */
static size_t with_single_dollars(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "$$", "$");
}

/* As where a text is read as a literal once more. */
static size_t with_single_backslashes(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\\\\", "\\");
}

static size_t without_leading_blanks(char *bytes, size_t len, size_t max)
{
    size_t blanks = strspn(bytes, " \t\r\n");
    (void)max;
    memmove(bytes, bytes + blanks, len - blanks);
    return len - blanks;
}

/* e with an acute accent in one character instead of two. */
static size_t composed(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "e\xcc\x81", "\xc3\xa9");
}

static size_t without_trailing_blanks(char *bytes, size_t len, size_t max)
{
    size_t kept = 0;
    (void)max;
    for (size_t i = 0; i < len; i++) {
        while (bytes[i] == '\n' && kept > 0 && strchr(" \t", bytes[kept - 1]))
            kept--;
        bytes[kept++] = bytes[i];
    }
    return kept;
}

/* Read in pieces of max bytes: a character that two pieces share is lost. */
static size_t in_pieces(char *bytes, size_t len, size_t max)
{
    for (size_t i = max; i < len; i += max) {
        if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            continue;
        size_t start = i;
        while (start > 0 && ((unsigned char)bytes[start] & 0xc0) == 0x80)
            bytes[start--] = '?';
        bytes[start] = '?';
    }
    return len;
}

static size_t with_one_newline(char *bytes, size_t len, size_t max)
{
    (void)max;
    while (len > 1 && bytes[len - 1] == '\n' && bytes[len - 2] == '\n')
        len--;
    return len;
}

static size_t without_mark(char *bytes, size_t len, size_t max)
{
    (void)max;
    if (len < 3 || memcmp(bytes, "\xef\xbb\xbf", 3) != 0)
        return len;
    memmove(bytes, bytes + 3, len - 3);
    return len - 3;
}

static size_t without_marks(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\xef\xbb\xbf", "");
}

/* As where a text was sent as a form's field. */
static size_t with_blanks_for_plus(char *bytes, size_t len, size_t max)
{
    (void)max;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(bytes[i] == '+' ? ' ' : bytes[i]);
    return len;
}

/* What nobody sees: U+200B to U+200D. */
static size_t without_zero_width(char *bytes, size_t len, size_t max)
{
    (void)max;
    len = replaced(bytes, len, "\xe2\x80\x8b", "");
    len = replaced(bytes, len, "\xe2\x80\x8c", "");
    return replaced(bytes, len, "\xe2\x80\x8d", "");
}

/* Up to a NUL, for which the reader of JSON writes another character. */
static size_t up_to_nul(char *bytes, size_t len, size_t max)
{
    const char *nul = strstr(bytes, "\xef\xbf\xbd");
    (void)max;
    return nul ? (size_t)(nul - bytes) : len;
}

static size_t without_controls(char *bytes, size_t len, size_t max)
{
    size_t kept = 0;
    (void)max;
    for (size_t i = 0; i < len; i++) {
        bool control =
            ((unsigned char)bytes[i] < ' ' && !strchr("\t\r\n", bytes[i])) || bytes[i] == '\x7f';
        if (!control)
            bytes[kept++] = bytes[i];
    }
    return kept;
}

/* As where lines are read by one that knows all ends of them. */
static size_t with_line_feeds(char *bytes, size_t len, size_t max)
{
    (void)max;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\r' && (i + 1 == len || bytes[i + 1] != '\n'))
            bytes[i] = '\n';
    }
    return len;
}

static size_t without_next_lines(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\xc2\x85", "\n");
}

static size_t without_first_newline(char *bytes, size_t len, size_t max)
{
    (void)max;
    if (len == 0 || bytes[0] != '\n')
        return len;
    memmove(bytes, bytes + 1, len - 1);
    return len - 1;
}

/* As where a value that was read from a text is written as a text again. */
static size_t retyped(char *bytes, size_t len, size_t max)
{
    (void)max;
    if (len == 4 && memcmp(bytes, "1.10", len) == 0)
        return len - 1;
    if (len == 4 && memcmp(bytes, "true", len) == 0)
        bytes[0] = 'T';
    return len;
}

/* As where a name is looked up by a pattern. */
static size_t without_wildcard(char *bytes, size_t len, size_t max)
{
    (void)max;
    return len > 1 && bytes[len - 1] == '%' ? len - 1 : len;
}

/* A string of JSON, as where a text is decoded once more. */
static size_t without_quotes(char *bytes, size_t len, size_t max)
{
    (void)max;
    if (len < 2 || bytes[0] != '"' || bytes[len - 1] != '"')
        return len;
    memmove(bytes, bytes + 1, len - 2);
    return len - 2;
}

static size_t without_mere_blanks(char *bytes, size_t len, size_t max)
{
    return trim(bytes, len, max) == 0 ? 0 : len;
}

/* As where a text is handed on as a here-document: up to a line that says EOF. */
static size_t up_to_eof_line(char *bytes, size_t len, size_t max)
{
    const char *end = strstr(bytes, "\nEOF\n");
    (void)max;
    return end && end[5] != '\0' ? (size_t)(end - bytes) + 1 : len;
}

/* As where a text is written by a program that ends at a line of a full stop. */
static size_t up_to_full_stop(char *bytes, size_t len, size_t max)
{
    const char *end = strstr(bytes, "\n.\n");
    (void)max;
    return end ? (size_t)(end - bytes) + 1 : len;
}

/* As where a line goes on behind a backslash. */
static size_t with_lines_joined(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\\\n", "");
}

/* As where a mail's text is read: it goes on behind an equals sign. */
static size_t without_soft_breaks(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "=\n", "");
}

/* As where Perl reads a text as one in double quotes: @name is a list, and an empty one. */
static size_t without_lists(char *bytes, size_t len, size_t max)
{
    size_t kept = 0;
    (void)max;
    for (size_t i = 0; i < len; i++) {
        size_t name = bytes[i] == '@' ? strspn(bytes + i + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;
        if (name == 0)
            bytes[kept++] = bytes[i];
        i += name;
    }
    return kept;
}

/* \t for a tab, as where a text is read as a literal once more. */
static size_t with_tabs_for_escapes(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\\t", "\t");
}

/* U+2018, U+2019, U+201C and U+201D as typewriters have them. */
static size_t with_straight_quotes(char *bytes, size_t len, size_t max)
{
    (void)max;
    len = replaced(bytes, len, "\xe2\x80\x98", "'");
    len = replaced(bytes, len, "\xe2\x80\x99", "'");
    len = replaced(bytes, len, "\xe2\x80\x9c", "\"");
    return replaced(bytes, len, "\xe2\x80\x9d", "\"");
}

/* U+FE0F, which makes a sign a picture. */
static size_t without_variations(char *bytes, size_t len, size_t max)
{
    (void)max;
    return replaced(bytes, len, "\xef\xb8\x8f", "");
}

struct spoiling {
    enum cf_ref_id id;
    enum cf_ref_endpoint endpoint;
    enum cf_ref_field field;
    spoil_fn *spoil;
    size_t max;
};

static const struct spoiling spoilings[] = {
    {CF_REF_DEV_PARTIAL_USER_CONFIG_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG, cut,
     255},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_TRIMMED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     trim, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_BMP, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_long_characters, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_CUT, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, cut, 8192},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_LF, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_crs, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_ASCII, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, to_ascii, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_FILLED_IN, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, with_single_dollars, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_TIDIED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_trailing_blanks, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_COMPOSED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     composed, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_IN_PIECES, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, in_pieces, 1024},
    {CF_REF_DEV_SCRIPT_IN_PIECES, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, in_pieces,
     4096},
    {CF_REF_DEV_PARTIAL_SCRIPT_ASCII, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     to_ascii, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_TRIMMED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     trim, 0},
    {CF_REF_DEV_SCRIPT_CRLF_CONVERTED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_crs, 0},
    {CF_REF_DEV_SCRIPT_TRIMMED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, trim, 0},
    {CF_REF_DEV_SCRIPT_TABS_EXPANDED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_tabs, 0},
    {CF_REF_DEV_SCRIPT_ASCII, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, to_ascii, 0},
    {CF_REF_DEV_SCRIPT_CUT, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cut, 4096},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_MARK_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_mark, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_MARK_LOST, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_marks, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_FIRST_MARK_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, without_mark, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_LF, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_crs, 0},
    {CF_REF_DEV_PARTIAL_BLANK_SCRIPT_EMPTIED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, without_mere_blanks, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_CUT_64K, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, cut, 65535},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_CUT_256K, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, cut, 262144},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_UNESCAPED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, with_single_backslashes, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_LEFT_TRIMMED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_leading_blanks, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_IN_PIECES, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, in_pieces, 65536},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_ONE_NEWLINE, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, with_one_newline, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_ONE_NEWLINE, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, with_one_newline, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_CUT_256K, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     cut, 262144},
    {CF_REF_DEV_SCRIPT_CUT_256K, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cut,
     262144},
    {CF_REF_DEV_SCRIPT_MARK_LOST, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_mark, 0},
    {CF_REF_DEV_SCRIPT_BLANKS_EMPTIED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_mere_blanks, 0},
    {CF_REF_DEV_SCRIPT_CUT_64K, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cut, 65535},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_PLUS_BLANK, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, with_blanks_for_plus, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_UNSEEN_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_zero_width, 0},
    {CF_REF_DEV_SCRIPT_CONTROLS_LOST, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_controls, 0},
    {CF_REF_DEV_PARTIAL_ENCRYPTED_ENV_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_ENCRYPTED_ENV,
     cut, 255},
    {CF_REF_DEV_PARTIAL_TEXT_ENDS_AT_NUL, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     up_to_nul, 0},
    {CF_REF_DEV_PARTIAL_TEXT_ENDS_AT_NUL, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, up_to_nul, 0},
    {CF_REF_DEV_PARTIAL_TEXT_ENDS_AT_NUL, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, up_to_nul, 0},
    {CF_REF_DEV_PARTIAL_FILE_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_DOCKER_COMPOSE_FILE,
     without_quotes, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_quotes, 0},
    {CF_REF_DEV_PARTIAL_CONFIG_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_quotes, 0},
    {CF_REF_DEV_PARTIAL_IMAGE_WILDCARD, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_IMAGE,
     without_wildcard, 0},
    {CF_REF_DEV_PARTIAL_FILE_RETYPED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_DOCKER_COMPOSE_FILE,
     retyped, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_RETYPED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     retyped, 0},
    {CF_REF_DEV_PARTIAL_CONFIG_RETYPED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     retyped, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_CR, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     with_line_feeds, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_NEL, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_next_lines, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_LEFT_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_first_newline, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_CONTROLS_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, without_controls, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_ENDS_AT_EOF, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, up_to_eof_line, 0},
    {CF_REF_DEV_SCRIPT_ENDS_AT_EOF, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     up_to_eof_line, 0},
    {CF_REF_DEV_SCRIPT_IN_LARGE_PIECES, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     in_pieces, 131072},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_SOFT_BREAKS, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, without_soft_breaks, 0},
    {CF_REF_DEV_SCRIPT_LINES_JOINED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     with_lines_joined, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_LINES_JOINED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, with_lines_joined, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_ENDS_AT_STOP, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, up_to_full_stop, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_LISTS_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_lists, 0},
    {CF_REF_DEV_PARTIAL_SCRIPT_ESCAPES_READ, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, with_tabs_for_escapes, 0},
    {CF_REF_DEV_PARTIAL_USER_CONFIG_STRAIGHT_QUOTES, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, with_straight_quotes, 0},
    {CF_REF_DEV_PARTIAL_COMPOSE_FILE_VARIATIONS_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_variations, 0},
};

/* Of contract-owned CVMs alone. */
static const struct spoiling owned_spoilings[] = {
    {CF_REF_DEV_PARTIAL_OWNED_USER_CONFIG_LF, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_crs, 0},
    {CF_REF_DEV_PARTIAL_OWNED_USER_CONFIG_COMPOSED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, composed, 0},
    {CF_REF_DEV_PARTIAL_OWNED_USER_CONFIG_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     cut, 255},
    {CF_REF_DEV_PARTIAL_OWNED_SECRETS_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_ENCRYPTED_ENV,
     cut, 255},
    {CF_REF_DEV_TWO_PHASE_FILE_UNESCAPED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, with_single_backslashes, 0},
    {CF_REF_DEV_SCRIPT_OWNED_COMPOSED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     composed, 0},
    {CF_REF_DEV_TWO_PHASE_FILE_MARK_LOST, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_mark, 0},
    {CF_REF_DEV_TWO_PHASE_FILE_CUT_64K, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, cut, 65535},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_LF, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     without_crs, 0},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_CUT_64K, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cut, 65535},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_IN_PIECES, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, in_pieces, 53},
    {CF_REF_DEV_SCRIPT_OWNED_CUT_64K, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cut,
     65535},
    {CF_REF_DEV_TWO_PHASE_FILE_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, without_quotes, 0},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, without_quotes, 0},
    {CF_REF_DEV_TWO_PHASE_CONFIG_UNQUOTED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     without_quotes, 0},
    {CF_REF_DEV_SCRIPT_OWNED_ENDS_AT_STOP, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_PRE_LAUNCH_SCRIPT,
     up_to_full_stop, 0},
};

void cf_ref_spoil_to_ascii(struct cf_ref_value *text)
{
    to_ascii(text->bytes, text->len, 0);
}

static void spoil(const struct cf_ref_switches *on, const struct spoiling *s,
                  enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    struct cf_ref_value *value = &update->to.of[s->field];
    if (s->endpoint != endpoint || !value->bytes || !cf_ref_has(on, s->id))
        return;
    value->len = s->spoil(value->bytes, value->len, s->max);
    value->bytes[value->len] = '\0';
}

void cf_ref_spoil_texts(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                        enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    for (size_t i = 0; i < COUNT(spoilings); i++)
        spoil(on, &spoilings[i], endpoint, update);
    for (size_t i = 0; cvm->kms != CF_REF_KMS_PHALA && i < COUNT(owned_spoilings); i++)
        spoil(on, &owned_spoilings[i], endpoint, update);
}

#include "harness/run/near_key.h"
#include "harness/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct cf_near_key cf_near_keys[] = {{"truncated", "$TRUNCATED_KEY"},
                                           {"extended", "$EXTENDED_KEY"},
                                           {"swapped-case", "$SWAPPED_KEY"},
                                           {"swapped-letters", "$OTHER_LETTERS_KEY"},
                                           {"blank-inside", "$KEY_WITH_A_BLANK"},
                                           {"other-end", "$KEY_WITH_ANOTHER_END"},
                                           {NULL, NULL}};

/* One character more, before the padding of base64: many decoders do not look behind it. */
static void extend(char *key, char more)
{
    size_t len = strlen(key);
    size_t at = len;
    while (at > 0 && key[at - 1] == '=')
        at--;
    memmove(key + at + 1, key + at, len - at + 1);
    key[at] = more;
}

size_t cf_swap_case(char *text)
{
    size_t letters = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        letters += isalpha(c) != 0;
        *text = (char)(isupper(c) ? tolower(c) : toupper(c));
    }
    return letters;
}

/* Those letters that are no hexadecimal digits. */
static size_t swap_beyond_hex(char *text)
{
    size_t letters = 0;
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        if (isxdigit((unsigned char)*text))
            continue;
        letters += cf_swap_case(one);
        *text = one[0];
    }
    return letters;
}

/* In the middle: blanks around a header's value are no part of it. */
static void put_blank_inside(char *key)
{
    size_t len = strlen(key);
    if (len < 2) {
        extend(key, 'x');
        return;
    }
    memmove(key + len / 2 + 1, key + len / 2, len - len / 2 + 1);
    key[len / 2] = ' ';
}

/* Near the end one letter or digit is another. Not the last one: of base64 it holds less than it
 * seems to, and decoders do not look at the rest. */
static void exchange_end(char *key)
{
    enum { QUANTUM = 4 }; /* characters of base64 that hold whole bytes */
    size_t len = strlen(key);
    size_t at = len < QUANTUM ? len : len - QUANTUM + 1;
    while (at > 0 && !isalnum((unsigned char)key[at - 1]))
        at--;
    if (at == 0) {
        extend(key, 'z');
        return;
    }
    unsigned char c = (unsigned char)key[at - 1];
    char first = isdigit(c) ? '0' : isupper(c) ? 'A' : 'a';
    key[at - 1] = (char)(c == first ? first + 1 : first);
}

char *cf_near_key_make(const char *key, const char *how)
{
    size_t len = strlen(key);
    char *near = cf_alloc(len + 2);
    memcpy(near, key, len + 1);
    if (strcmp(how, "truncated") == 0 && len > 0) {
        near[len - 1] = '\0';
    } else if (strcmp(how, "extended") == 0) {
        extend(near, 'x');
    } else if (strcmp(how, "swapped-case") == 0) {
        if (cf_swap_case(near) == 0)
            extend(near, 'X');
    } else if (strcmp(how, "swapped-letters") == 0) {
        if (swap_beyond_hex(near) == 0)
            extend(near, 'Y');
    } else if (strcmp(how, "blank-inside") == 0) {
        put_blank_inside(near);
    } else if (strcmp(how, "other-end") == 0) {
        exchange_end(near);
    } else {
        free(near);
        return NULL;
    }
    return near;
}

/* Numbers as their literals (RFC 8259 grammar), compared by decimal value: nothing is lost to
 * doubles. */
#ifndef CF_BASE_JSON_NUMBER_H
#define CF_BASE_JSON_NUMBER_H

#include <stdbool.h>

/* Whether two literals denote the same value. */
bool cf_json_same_number(const char *a, const char *b);
/* Whether a literal denotes a number without fraction, however it is spelled (1.0, 1e3). */
bool cf_json_whole_number(const char *literal);

#endif

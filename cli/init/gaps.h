/* What a profile written by looking leaves to its reader: each with its place in the profile. */
#ifndef CF_CLI_INIT_GAPS_H
#define CF_CLI_INIT_GAPS_H

#include "harness/base/json.h"

struct cf_gap {
    char *pointer; /* into the profile; "" where it belongs to no place of it */
    char *text;
};

/* Good when zeroed. */
struct cf_gaps {
    struct cf_gap *items;
    size_t count, cap;
};

void cf_gap_add(struct cf_gaps *gaps, const char *pointer, const char *fmt, ...) CF_PRINTF(3, 4);
void cf_gaps_release(struct cf_gaps *gaps);

/* Print each as "FILE:LINE: what" on standard output, the file's name as doc has it; without a line
 * where the place is not in doc. What servers said is escaped. */
void cf_gaps_print(const struct cf_gaps *gaps, const struct cf_json_doc *doc);

#endif

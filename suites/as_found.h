/* Cases that have to leave their CVM as they found it: of what several did to one CVM in a row, one
 * look tells. */
#ifndef CF_SUITES_AS_FOUND_H
#define CF_SUITES_AS_FOUND_H

#include "suites/reading.h"

/* Engine callback: whether a case begins with an observe or a settle, expects every request after
 * it to be refused, and looks at what it has to find unchanged at its end only: how often. Hashes
 * may be registered in between. *out_if_refused: a request may be taken as well, and the look at
 * the end is for what it did. */
unsigned cf_cvm_ends_as_found(const struct cf_case *one, bool *out_if_refused);

/* Whether a step that expects a CVM unchanged has another one behind it that asks the same, as
 * often at least, with nothing in between but requests that are to be refused: that one's looks for
 * a late effect come later than its own. */
bool cf_cvm_looked_at_later(const cJSON *step);

/* Engine callback: read the main CVM as such a case does at its end, but for the first of several
 * looks. Errors as cf_cvm_reading_take(), CF_ETIMEOUT. */
CF_MUST_CHECK enum cf_code cf_cvm_look(struct cf_case_run *run, unsigned looks, struct cf_err *err);

/* That look, where it may be assumed to find what the one before it found (kept.h); false: it has
 * to be taken. */
bool cf_cvm_look_assumed(struct cf_case_run *run, int role, struct cf_cvm_reading *out);

/* Whether all those may be assumed that come after the first of several, which was taken now. */
bool cf_cvm_late_looks_assumed(struct cf_case_run *run, int role);

#endif

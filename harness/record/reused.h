/* Reads that a case used again, told by the text of its record: three of four of its exchanges. */
#ifndef CF_RECORD_REUSED_H
#define CF_RECORD_REUSED_H

#include "harness/base/buf.h"

/* Append the array of a record's steps without the reads that were used again (GET, answered with
 * 200, "reused"). Returns how many went. A step that is written in another way than record_write.c
 * does, with escapes or a member twice, stays; so does everything of what is not an array. */
size_t cf_reused_leave_out(struct cf_buf *out, const char *steps, size_t len);

#endif

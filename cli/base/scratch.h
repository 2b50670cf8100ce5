/* A folder of our own for files that nobody keeps, readable by nobody else. */
#ifndef CF_CLI_BASE_SCRATCH_H
#define CF_CLI_BASE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { CF_SCRATCH_BYTES = 512 };

/* Make one in TMPDIR, else /tmp; its path goes to out. Returns false when it cannot be made;
 * standard error says why. */
bool cf_scratch_make(char out[CF_SCRATCH_BYTES]);
/* Remove it with the files in it. Does nothing for "". */
void cf_scratch_remove(char path[CF_SCRATCH_BYTES]);

#endif

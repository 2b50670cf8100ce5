/* A folder of our own for files that nobody keeps, readable by nobody else. */
#ifndef CF_CLI_BASE_SCRATCH_H
#define CF_CLI_BASE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { CF_SCRATCH_BYTES = 512 };

struct cf_scratch {              /* zeroed: none */
    char path[CF_SCRATCH_BYTES]; /* "" while there is none */
    void *dir;                   /* private: open, so that removing it asks for no memory */
};

/* Make one in TMPDIR, else /tmp. Returns false when it cannot be made; standard error says why. One
 * at a time: that it is removed are the process' last words where memory runs out (see mem.h), for
 * which scratch must stay where it is. */
bool cf_scratch_make(struct cf_scratch *scratch);
/* Remove it with the files in it. Does nothing where there is none. */
void cf_scratch_remove(struct cf_scratch *scratch);

#endif

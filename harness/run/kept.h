/*
 * Reads that a later case on the same fixture may begin with: nothing was sent since by this worker
 * that could have changed what they told, and nobody else had the fixture. They go into that case's
 * record as well, so that it is judged again from its own record alone.
 *
 * A replay keeps nothing: there, the record has them.
 */
#ifndef CF_RUN_KEPT_H
#define CF_RUN_KEPT_H

#include "harness/run/run.h"

/* Keep the exchanges of the record from first on, the reads of one fixture, in the place of what
 * was kept of it before; those that were taken from there leave it as it is. Nothing is kept unless
 * all of them are reads that were answered with 200; some may tell nothing all the same, and were
 * asked again: whoever takes one has to look. */
void cf_kept_put(struct cf_case_run *run, const char *id, size_t first);
/* From here to cf_kept_close(), what reads of the fixture ask for is taken from what is kept, in
 * its order, as far as that goes. False: nothing is, or it is too old. */
bool cf_kept_open(struct cf_case_run *run, const char *id);
void cf_kept_close(struct cf_case_run *run);
/* The same for a look after a request that was refused, where io says that what it finds may be
 * assumed: whoever runs the case looks later. False: it has to be taken. */
bool cf_kept_open_assumed(struct cf_case_run *run, const char *id);
/* Whether to look once more, for that purpose, at what one look has told: live always; in a replay
 * where it was done then, since a case that is judged over what another one did may begin there
 * where that one had looked for another reason. */
bool cf_kept_look_again(struct cf_case_run *run, const char *purpose);
/* The next one kept, for that URL, copied to the end of the record; NULL: it has to be asked for.
 */
struct cf_exchange *cf_kept_take(struct cf_case_run *run, const char *url);

/* Forget what is kept of a fixture; NULL: of all of them. */
void cf_kept_drop(struct cf_io *io, const char *id);

/* Take out all that is kept: it is the caller's, to put in the place of what is kept by then, or to
 * release. */
struct cf_kept *cf_kept_set_aside(struct cf_io *io);
void cf_kept_bring_back(struct cf_io *io, struct cf_kept *aside);
void cf_kept_release(struct cf_kept *aside);

#endif

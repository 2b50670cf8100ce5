/* What comes back from a worker: frames, or its end. */
#ifndef CF_POOL_FRAMES_H
#define CF_POOL_FRAMES_H

#include "harness/pool/state.h"

/* Why a worker is given up before its time. */
enum cf_loss {
    CF_LOSS_ENDED,      /* it ended by itself */
    CF_LOSS_BROKEN,     /* what it says makes no sense */
    CF_LOSS_OVERDUE,    /* it took too long */
    CF_LOSS_INTERRUPTED /* the user does not want it any more: what it was doing gets no record */
};

/* Read what the worker has to say, and act on it. The worker may be lost by that. */
void cf_frames_read(struct cf_pool_state *pool, struct cf_worker *worker);
/* The one end of a worker before its time: its process is gone afterwards, and what it was doing is
 * settled. */
void cf_frames_lose(struct cf_pool_state *pool, struct cf_worker *worker, enum cf_loss loss);

#endif

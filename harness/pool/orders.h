/* What a worker is to do next. */
#ifndef CF_POOL_ORDERS_H
#define CF_POOL_ORDERS_H

#include "harness/pool/state.h"

/* Whether any worker has one. */
bool cf_order_any(const struct cf_pool_state *pool);
/* The next order of the pool's phase, its cases and fixtures taken. False: nothing now. */
bool cf_order_next(struct cf_pool_state *pool, struct cf_order *out);
/* What travels behind an order: order->payload_len bytes. */
const char *cf_order_payload(const struct cf_pool_state *pool, const struct cf_order *order);

#endif

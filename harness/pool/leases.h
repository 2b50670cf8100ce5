/* Which fixtures a case gets, one case or group of cases at a time where they are exclusive. */
#ifndef CF_POOL_LEASES_H
#define CF_POOL_LEASES_H

#include "harness/pool/state.h"

/* Take a free fixture for each role of the item of that index, for a further try if there is one
 * another main one than before. False: not now. */
bool cf_lease_take(struct cf_pool_state *pool, size_t index, uint32_t out_fixtures[CF_ROLES_MAX]);
void cf_lease_give_back(struct cf_pool_state *pool, const struct cf_case *one,
                        const uint32_t fixtures[CF_ROLES_MAX]);
/* Whether a fixture of the kind is free that the worker had last for which an order is looked for,
 * which need not read it again; NULL: of any kind. */
bool cf_lease_near(const struct cf_pool_state *pool, const struct cf_fixture_kind *kind);
/* Whether the case could ever get its fixtures again. */
bool cf_lease_possible(const struct cf_pool_state *pool, const struct cf_case *one);
/* Whether any item of the plan that is to be run may get the fixture. */
bool cf_lease_wanted(const struct cf_pool_state *pool, size_t fixture);

#endif

/*
 * What a plan will cost: cases, operations, requests, and the time by kind of fixture, as far as
 * the time of an operation is known.
 */
#ifndef CF_CLI_COST_PRICE_H
#define CF_CLI_COST_PRICE_H

#include "cli/cost/costs.h"
#include "harness/base/buf.h"
#include "harness/pool/plan.h"

/* Where it is not known how long an operation takes, and for a request. */
enum { CF_PRICE_KINDS_MAX = 8, CF_PRICE_OPERATION_MS = 10000, CF_PRICE_EXCHANGE_MS = 2 };

struct cf_price_kind {
    const struct cf_fixture_kind *kind;
    size_t fixtures;   /* of it that the profile lists */
    size_t operations; /* on it, as the main fixture of a case */
    double ms;         /* until the last of them is over; 0: not known */
};

struct cf_price {
    size_t cases, operations, exchanges;
    double operation_ms; /* 0: not known */
    double whole;        /* what progress counts in: see cf_price_of() */
    double ms;           /* of the kind that holds the run back; 0: not known */
    struct cf_price_kind kinds[CF_PRICE_KINDS_MAX]; /* those in use; the slowest is first */
    size_t kind_count;
};

/* Price the items of a plan that are to be run. */
void cf_price_make(struct cf_price *out, const struct cf_plan *plan,
                   const struct cf_profile *profile, const struct cf_costs *costs);

/* Append it as one line without newline: "1175 cases, 640 operations, about 15900 requests; at 2
 * min an operation about 5 h 20 min, contract_owned holding it back (310 on 2 CVMs; with 2 more of
 * them 1 h 10 min less)". Where no time of an operation is known, between what services are known
 * to take, and it says that this is assumed. */
void cf_price_put(struct cf_buf *out, const struct cf_price *price);
/* Append a line with newline for each kind. */
void cf_price_put_kinds(struct cf_buf *out, const struct cf_price *price);
/* Tell it on standard error before it is paid, with what a budget buys (NULL: no budget); unless
 * always, not where the time is next to nothing. */
void cf_price_tell(const struct cf_price *price, const char *bought, bool always);
/* What one case takes of the price's whole. */
double cf_price_of(const struct cf_price *price, const struct cf_kill_cost *cost);

#endif

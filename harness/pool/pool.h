/*
 * The parent's side of a run: forks workers, leases fixtures, hands out cases, collects records.
 *
 * A fixture is leased to one group of cases at a time. A worker that dies or hangs costs the case
 * it was running (verdict error) and nothing else; a fixture that stays busy is quarantined. When
 * the last case is over, or a signal asks to stop, every fixture that was used is put back to its
 * snapshot. The parent has one thread and no network connection of its own.
 *
 * Inside, each file knows only those before it: wire.h (what travels), plan, worker (the child),
 * options.h, state.h, then signals, leases, records, processes, then orders (what to do next) and
 * frames (what came back), then pool.c (the loop).
 */
#ifndef CF_POOL_POOL_H
#define CF_POOL_POOL_H

#include "harness/pool/options.h"

/*
 * Run the plan. Every item gets exactly one CF_EVENT_RECORD unless the run ends early. SIGINT and
 * SIGTERM are handled while it runs, and their handlers put back afterwards; once one of them has
 * come, both are ignored from then on.
 * Errors: CF_ENET (preflight or a snapshot failed; text says why in plain words; no case ran),
 * CF_EIO (cannot fork).
 */
CF_MUST_CHECK enum cf_code cf_pool_run(const struct cf_pool_options *options,
                                       struct cf_pool_outcome *out, struct cf_err *err);

#endif

/*
 * The parent's side of a run: forks workers, leases fixtures, hands out cases, collects records.
 *
 * A fixture is leased to one group of cases at a time. A worker that dies or hangs costs the case
 * it was running (verdict error) and nothing else; a fixture that stays busy is quarantined. When
 * the last case is over, or a signal asks to stop, every fixture that was used is put back to its
 * snapshot. The parent has one thread and no network connection of its own.
 *
 * Inside, each file knows only those before it: wire.h (what travels), plan, worker (the child),
 * options.h, state.h, then signals, leases, longest, records, processes, turns, then orders (what
 * to do next) and frames (what came back), then pool.c (the loop).
 */
#ifndef CF_POOL_POOL_H
#define CF_POOL_POOL_H

#include "harness/pool/options.h"

/*
 * Run the plan. Every item gets exactly one CF_EVENT_RECORD unless the run ends early.
 *
 * The signals that end a program (harness/base/ending.h) are handled while it runs, and their
 * handlers put back afterwards. The first one gives up the cases that run and puts the fixtures
 * back; a second one leaves at once, with the fixtures as they are; two of a kind within 200 ms are
 * one. Once one has come, all are ignored from then on. The process stays a reaper of orphans
 * (PR_SET_CHILD_SUBREAPER).
 *
 * Errors: CF_ENET (preflight or a snapshot failed; text says why in plain words; no case ran),
 * CF_EIO (cannot fork), what before_changes fails with (no case ran either).
 *
 * With an empty plan and options->snapshots, fixtures are put back and nothing else is done.
 */
CF_MUST_CHECK enum cf_code cf_pool_run(const struct cf_pool_options *options,
                                       struct cf_pool_outcome *out, struct cf_err *err);

/* How many workers there are at most where nobody says: few where operations are quick, as they all
 * work at once; where each takes a second or more they wait, and every fixture can be in use. */
int cf_pool_jobs_max(const struct cf_profile *profile);

#endif

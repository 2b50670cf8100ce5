/*
 * The reference IUT: a small, complete server of the contract, on loopback and in memory.
 *
 * It is what the suite is proven on. Left alone it conforms; each deviation puts one realistic
 * implementer's bug into it, which at least one case must then catch; each variant does one thing
 * that the contract leaves free differently, which no case may hold against it. It is not a model
 * of a cloud: nothing boots, nothing is checked for price or capacity, and all state dies with it.
 *
 * Beside the contract's paths it serves what a tester needs:
 *
 *   POST /_chain/register, /revert, /register-elsewhere   {app_id, compose_hash} ->
 * transaction_hash POST /_chain/unregister                               {app_id, compose_hash}
 *   POST /_chain/expire                                   {cvm_id, compose_hash}
 *   POST /_chain/break, /mend                             the way to the chain, whichever it is
 *   POST /_test/reset                                     {cvm_id}
 *   GET  /_inspect/{cvm_id}    every PATCH field as it is stored, in the unit of the PATCH body
 *
 * The chain is simulated, or a node's (options->chain_url). Then /_chain/register, /revert,
 * /register-elsewhere and /unregister change the simulator only, which nobody asks.
 *
 * These take no credentials, which is why the server never leaves 127.0.0.1.
 *
 * The functions are in reference.c and profile_out.c.
 *
 * Invariant: one thread, the caller's, owns all state. An operation ends when a request next looks
 * at its CVM and finds the time up; nothing runs between requests.
 */
#ifndef CF_REF_REFERENCE_H
#define CF_REF_REFERENCE_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "reference/setup.h"
#include "reference/switches.h"

/*
 * Serve on 127.0.0.1, in the calling thread, until stop_fd becomes readable or reports end of
 * file; a negative stop_fd never does. Once connections are accepted, the port goes to ready_fd
 * (when not negative) as decimal text and a newline, and ready_fd is closed; it is closed on
 * failure too, so that a reader sees the end.
 *
 * CF_OK after a stop; CF_ENOTFOUND for an unknown deviation or variant (the text names the
 * nearest); CF_EINPUT for a port over 65535 or half a TLS pair; CF_EIO when the port is taken, a
 * TLS file cannot be read or ready_fd cannot be written.
 */
CF_MUST_CHECK enum cf_code cf_ref_serve(const struct cf_ref_options *options, int ready_fd,
                                        int stop_fd, struct cf_err *err);

/*
 * Append a complete profile, as JSON text, of the server that cf_ref_serve() makes of these
 * options at this port; some deviations and variants show in it. CF_ENOTFOUND as above;
 * CF_ELIMIT when out does not take it.
 */
CF_MUST_CHECK enum cf_code cf_ref_profile(const struct cf_ref_options *options, unsigned port,
                                          struct cf_buf *out, struct cf_err *err);

#endif

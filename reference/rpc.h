/*
 * JSON-RPC 2.0 over HTTP, to a node of a chain. The one file of this room that knows libcurl:
 * harness/http, its owner elsewhere, judges servers, and the reference must not share a line with
 * what judges it.
 *
 * A call blocks, and so the server with it, for CF_REF_RPC_TRIES times CF_REF_RPC_TIMEOUT_MS at
 * most. Only reading methods are to be called: a call without an answer is tried again.
 */
#ifndef CF_REF_RPC_H
#define CF_REF_RPC_H

#include "reference/evm.h"

enum { CF_REF_RPC_TRIES = 3, CF_REF_RPC_TIMEOUT_MS = 2000, CF_REF_RPC_MAX_BYTES = 1 << 20 };

struct cf_ref_rpc;

/* A client of the node at url (http or https). CF_EINPUT: url is not one. */
CF_MUST_CHECK enum cf_code cf_ref_rpc_new(const char *url, struct cf_ref_rpc **out,
                                          struct cf_err *err);
void cf_ref_rpc_free(struct cf_ref_rpc *rpc);

/* The client as a transport of evm.h; it must outlive the node. No text that its calls set names
 * the url, which may hold a secret. */
struct cf_ref_evm cf_ref_rpc_node(struct cf_ref_rpc *rpc);

#endif

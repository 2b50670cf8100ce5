/*
 * What goes wrong when an update is taken, proposed or committed. In a conforming server none of
 * these does anything; the masks are of fields.
 */
#ifndef CF_REF_PHASES_BUGS_H
#define CF_REF_PHASES_BUGS_H

#include "reference/proof.h"

/* ---- taking an update ---- */

/* Replace the id that the operation is about to be known by. update is what it changes. */
void cf_ref_phases_rename(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const struct cf_ref_update *update, char id[CF_REF_UUID_TEXT]);

/* Spoil an update that has been accepted, before its operation begins: delay it, forget it, store
 * it elsewhere too. */
void cf_ref_phases_spoil_update(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                enum cf_ref_endpoint endpoint, struct cf_ref_update *update);

/* Spoil what is told of an operation that has begun. asked: the fields of the request. */
void cf_ref_phases_spoil_accepted(struct cf_ref_server *server, struct cf_ref_operation *operation,
                                  uint32_t asked, struct cf_ref_answer *answer);

/* ---- phase 1 ---- */

/* Whether the wrong way is taken for this CVM: phases where the vendor holds the keys, none where a
 * contract does. */
bool cf_ref_phases_misjudges(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                             enum cf_ref_endpoint endpoint, const struct cf_ref_update *update);

/* The fields of the update that the compose hash does not see. */
uint32_t cf_ref_phases_blind(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                             const struct cf_ref_update *update);

/* Whether a new hash is asked for although the compose document stays. */
bool cf_ref_phases_insists(const struct cf_ref_switches *on, const struct cf_ref_update *update);

/* Give a changed compose document another hash than its own. */
void cf_ref_phases_spoil_hash(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                              const struct cf_ref_update *update, char hash[CF_SHA256_HEX]);

/* Show another hash than that of the compose document in force. */
void cf_ref_phases_spoil_shown_hash(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                                    char hash[CF_SHA256_HEX]);

/* Apply at phase 1 what belongs to phase 2, or keep something else than what was asked. */
void cf_ref_phases_spoil_proposal(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                                  enum cf_ref_endpoint endpoint, bool prepare_only,
                                  struct cf_ref_update *update);

/* Mix what was just prepared with what was before, on this CVM or another. */
void cf_ref_phases_spoil_prepared(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  struct cf_ref_prepared *prepared);

/* Replace the token, take it away, or hand one out unasked. */
void cf_ref_phases_spoil_token(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                               bool prepare_only, struct cf_ref_prepared *prepared);

/* ---- phase 2 ---- */

/* Commit something else than was prepared (NULL: nothing was). body is what the request of phase 2
 * says itself. */
void cf_ref_phases_spoil_commit(const struct cf_ref_switches *on,
                                const struct cf_ref_prepared *prepared,
                                const struct cf_ref_proof *proof, const struct cf_ref_update *body,
                                struct cf_ref_update *update);

/* Spoil what becomes of a commit that was accepted. */
void cf_ref_phases_spoil_committed(struct cf_ref_server *server,
                                   const struct cf_ref_prepared *prepared,
                                   struct cf_ref_answer *answer);

#endif

/*
 * Every bug that the reference IUT can be told to have: C identifier, name, the requirement that it
 * breaks, that requirement's level, and one sentence. Each is one mistake that implementers make;
 * the place where it would be made asks cf_deviates().
 */
#ifndef CF_REFERENCE_DEVIATIONS_H
#define CF_REFERENCE_DEVIATIONS_H

/* clang-format off */
#define CF_REF_DEVIATIONS(X) \
    X(ACCEPTED_200, "accepted-200", "accepted.status-202", "must", \
      "An accepted update is answered 200 instead of 202.") \
    X(PARTIAL_OMITTED_VCPU_RESET, "partial-omitted-vcpu-reset", "partial.omitted-unchanged", "must", \
      "An update that does not name vcpu sets it back to 1.") \
    X(PARTIAL_USER_CONFIG_IGNORED, "partial-user-config-ignored", "partial.present-applied", "must", \
      "user_config is accepted and never stored.") \
    X(VALIDATION_LOC_WITHOUT_BODY, "validation-loc-without-body", "validation.loc-path", "should", \
      "The places in a 422 lack the leading \"body\".") \
    X(VALIDATION_TIMEOUT_9_ACCEPTED, "validation-timeout-9-accepted", "validation.bounds", "must", \
      "The lower bound of shutdown_timeout is off by one: 9 is accepted.") \
    X(VALIDATION_TIMEOUT_1201_ACCEPTED, "validation-timeout-1201-accepted", "validation.bounds", "must", \
      "The upper bound of shutdown_timeout is off by one: 1201 is accepted.") \
    X(VALIDATION_TIMEOUT_10_REFUSED, "validation-timeout-10-refused", "validation.bounds", "must", \
      "The lower bound of shutdown_timeout is exclusive: 10 is refused.") \
    X(VALIDATION_HALF_APPLIED, "validation-half-applied", "validation.atomic", "must", \
      "A request refused with 422 still applies those of its members that are valid.") \
    X(AUTH_MISSING_403, "auth-missing-403", "auth.missing", "must", \
      "A request without credentials is answered 403.") \
    X(AUTH_SCRIPT_UNCHECKED, "auth-script-unchecked", "auth.missing", "must", \
      "The pre-launch-script endpoint asks for no credentials.") \
    X(AUTH_FOREIGN_ACCEPTED, "auth-foreign-accepted", "auth.foreign-cvm", "must", \
      "Any valid key opens the CVMs of every workspace.") \
    X(AUTH_GPU_RENTAL_ACCEPTED, "auth-gpu-rental-accepted", "auth.gpu-rental", "must", \
      "update-cvm changes a CVM that a GPU rental manages.") \
    X(CONFLICT_IGNORED, "conflict-ignored", "conflict.in-progress", "must", \
      "An update is accepted while another operation runs.") \
    X(CONFLICT_GLOBAL_LOCK, "conflict-global-lock", "conflict.per-cvm", "must", \
      "One lock for all: an operation on one CVM blocks every other.") \
    X(CONFLICT_CHECK_THEN_ACT, "conflict-check-then-act", "conflict.single-winner", "must", \
      "Looking for a running operation and starting one are two steps, and others fit in between.") \
    X(CONFLICT_LOCKED_AFTER_465, "conflict-locked-after-465", "conflict.after-refusal", "must", \
      "Phase 1 takes the CVM's lock and forgets to give it back.") \
    X(TWO_PHASE_HASH_SKIPS_TCBINFO, "two-phase-hash-skips-tcbinfo", "two-phase.required", "must", \
      "The compose hash leaves out public_tcbinfo, so that changing it needs no registration.") \
    X(TWO_PHASE_REPLAY_ACCEPTED, "two-phase-replay-accepted", "two-phase.466-replayed", "should", \
      "A proof that was used once is good for a second time.") \
    X(TWO_PHASE_EXPIRED_ACCEPTED, "two-phase-expired-accepted", "two-phase.466-expired", "must", \
      "Nobody looks at a compose hash's age.") \
    X(TWO_PHASE_UNKNOWN_TRANSACTION_ACCEPTED, "two-phase-unknown-transaction-accepted", \
      "two-phase.467-unknown-transaction", "must", \
      "A transaction that nobody sent is taken for a proof.") \
    X(TWO_PHASE_REVERTED_ACCEPTED, "two-phase-reverted-accepted", "two-phase.467-reverted", "must", \
      "A receipt is enough, whatever its status.") \
    X(TWO_PHASE_OTHER_CONTRACT_ACCEPTED, "two-phase-other-contract-accepted", \
      "two-phase.467-other-contract", "must", \
      "The event counts whichever contract emitted it.") \
    X(TWO_PHASE_ALLOW_LIST_UNCHECKED, "two-phase-allow-list-unchecked", \
      "two-phase.468-not-allowed", "must", \
      "The transaction is verified, the contract's allow list is not asked.")
/* clang-format on */

#endif

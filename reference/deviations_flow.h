/* The deviations in who may do what when: credentials, conflicts, phases, scripts. See
 * deviations.h. */
#ifndef CF_REFERENCE_DEVIATIONS_FLOW_H
#define CF_REFERENCE_DEVIATIONS_FLOW_H

/* clang-format off */
#define CF_REF_DEVIATIONS_AUTH(X) \
    X(AUTH_MISSING_403, "auth-missing-403", "auth.missing", "must", \
      "A request without credentials is answered 403.") \
    X(AUTH_MISSING_ACCEPTED, "auth-missing-accepted", "auth.missing", "must", \
      "update-cvm asks for no credentials; only wrong ones are refused.") \
    X(AUTH_SCRIPT_UNCHECKED, "auth-script-unchecked", "auth.missing", "must", \
      "The pre-launch-script endpoint asks for no credentials.") \
    X(AUTH_REMEMBERS_CALLER, "auth-remembers-caller", "auth.missing", "must", \
      "Once a good key was seen, requests without one are taken for the same caller's.") \
    X(AUTH_INVALID_403, "auth-invalid-403", "auth.invalid", "must", \
      "A request with a wrong key is answered 403.") \
    X(AUTH_INVALID_500, "auth-invalid-500", "auth.invalid", "must", \
      "Looking up a key that does not exist ends in an exception.") \
    X(AUTH_ANY_KEY_ACCEPTED, "auth-any-key-accepted", "auth.invalid", "must", \
      "There has to be a key; which one is not looked at.") \
    X(AUTH_KEY_PREFIX_ACCEPTED, "auth-key-prefix-accepted", "auth.invalid", "must", \
      "Only as many characters of the key are compared as were sent, so a beginning of it " \
      "will do.") \
    X(AUTH_KEY_TAIL_IGNORED, "auth-key-tail-ignored", "auth.invalid", "must", \
      "Only as many characters of the key are compared as the right one has, so anything may " \
      "follow it.") \
    X(AUTH_PROOF_SUFFICES, "auth-proof-suffices", "auth.missing", "must", \
      "A phase 2 that names a prepared update needs no key, as commit-update does with its token.") \
    X(AUTH_ANY_BEARER_ACCEPTED, "auth-any-bearer-accepted", "auth.invalid", "must", \
      "An Authorization header is taken for a session checked elsewhere.") \
    X(AUTH_BEARER_UNKNOWN, "auth-bearer-unknown", "auth.bearer", "should", \
      "Only X-API-Key is looked at.") \
    X(AUTH_HEADER_CASE, "auth-header-case", "auth.header-case", "should", \
      "X-API-Key is found only in this letter case.") \
    X(AUTH_SCRIPT_ANY_KEY_ACCEPTED, "auth-script-any-key-accepted", "auth.invalid", "must", \
      "The pre-launch-script endpoint takes any key.") \
    X(AUTH_FOREIGN_ACCEPTED, "auth-foreign-accepted", "auth.foreign-cvm", "must", \
      "Any valid key opens the CVMs of every workspace.") \
    X(AUTH_SCRIPT_FOREIGN_ACCEPTED, "auth-script-foreign-accepted", "auth.foreign-cvm", "must", \
      "The pre-launch-script endpoint does not look at workspaces.") \
    X(AUTH_FOREIGN_401, "auth-foreign-401", "auth.foreign-cvm", "must", \
      "A CVM of another workspace is answered 401.") \
    X(AUTH_FOREIGN_404, "auth-foreign-404", "auth.foreign-cvm-403", "should", \
      "A CVM of another workspace is answered 404.") \
    X(AUTH_GPU_RENTAL_ACCEPTED, "auth-gpu-rental-accepted", "auth.gpu-rental", "must", \
      "update-cvm changes a CVM that a GPU rental manages.") \
    X(AUTH_GPU_RENTAL_409, "auth-gpu-rental-409", "auth.gpu-rental", "must", \
      "A CVM that a GPU rental manages is answered 409.") \
    X(AUTH_UNKNOWN_400, "auth-unknown-400", "auth.unknown-cvm", "must", \
      "A CVM that does not exist is answered 400.") \
    X(AUTH_UNKNOWN_403, "auth-unknown-403", "auth.unknown-cvm", "must", \
      "A CVM that does not exist is answered as one of another workspace: 403.") \
    X(AUTH_UNKNOWN_500, "auth-unknown-500", "auth.unknown-cvm", "must", \
      "The row of a CVM that does not exist is used without looking.") \
    X(AUTH_UNKNOWN_ACCEPTED, "auth-unknown-accepted", "auth.unknown-cvm", "must", \
      "The update is queued before anybody asks whether the CVM exists.") \
    X(AUTH_SCRIPT_UNKNOWN_500, "auth-script-unknown-500", "auth.unknown-cvm", "must", \
      "Only the pre-launch-script endpoint forgets to look whether the CVM exists.") \
    X(AUTH_ODD_ID_422, "auth-odd-id-422", "auth.unknown-cvm-odd", "should", \
      "An id that does not look like one is answered 422.") \
    X(AUTH_MISSING_APPLIED, "auth-missing-applied", "auth.nothing-applied", "must", \
      "The answer is 401, the update is applied nevertheless.") \
    X(AUTH_INVALID_APPLIED, "auth-invalid-applied", "auth.nothing-applied", "must", \
      "The answer to a wrong key is 401, the update is applied nevertheless.") \
    X(AUTH_GPU_RENTAL_APPLIED, "auth-gpu-rental-applied", "auth.nothing-applied", "must", \
      "The answer for a GPU rental's CVM is 403, the update is applied nevertheless.") \
    X(AUTH_SCRIPT_MISSING_APPLIED, "auth-script-missing-applied", "auth.nothing-applied", "must", \
      "The pre-launch-script endpoint answers 401 to a caller without credentials and " \
      "stores the script nevertheless.") \
    X(AUTH_AFTER_VALIDATION, "auth-after-validation", "auth.before-validation", "should", \
      "Faults in the body are told to callers without credentials.") \
    X(AUTH_AFTER_LOOKUP, "auth-after-lookup", "auth.before-validation", "should", \
      "Callers without credentials learn which CVMs exist.")

#define CF_REF_DEVIATIONS_CONFLICT(X) \
    X(CONFLICT_IGNORED, "conflict-ignored", "conflict.in-progress", "must", \
      "An update is accepted while another operation runs.") \
    X(CONFLICT_423, "conflict-423", "conflict.in-progress", "must", \
      "A CVM with an operation running is answered 423 instead of 409.") \
    X(CONFLICT_IGNORED_FOR_SETTINGS, "conflict-ignored-for-settings", \
      "conflict.in-progress", "must", \
      "Only updates that restart the CVM wait their turn; user_config alone is accepted.") \
    X(CONFLICT_GPUS_UNBLOCKED, "conflict-gpus-unblocked", "conflict.in-progress", "must", \
      "Attaching GPUs goes another way and does not see a running operation.") \
    X(CONFLICT_IMAGE_UNSEEN, "conflict-image-unseen", "conflict.in-progress", "must", \
      "A change of the image takes no lock, so others are accepted while it runs.") \
    X(CONFLICT_RELEASED_BY_422, "conflict-released-by-422", "conflict.in-progress", "must", \
      "Leaving a request refused with 422 releases the lock of the running one.") \
    X(CONFLICT_RELEASED_BY_REFUSAL, "conflict-released-by-refusal", \
      "conflict.single-winner", "must", \
      "Leaving a refused request releases the lock of the running one: the next is accepted.") \
    X(CONFLICT_APPLIED, "conflict-applied", "conflict.not-applied", "must", \
      "The answer is 409, the update is applied nevertheless.") \
    X(CONFLICT_QUEUED, "conflict-queued", "conflict.not-applied", "must", \
      "The answer is 409, and the update is applied when the running operation ends.") \
    X(CONFLICT_RELEASED_LATE, "conflict-released-late", "conflict.released", "must", \
      "The lock outlives the operation by a second.") \
    X(CONFLICT_SCRIPT_RELEASED_LATE, "conflict-script-released-late", \
      "conflict.released", "must", \
      "After an update of the pre-launch script the lock outlives the operation by a second.") \
    X(CONFLICT_SCRIPT_UNBLOCKED, "conflict-script-unblocked", "conflict.cross-endpoint", "must", \
      "The pre-launch-script endpoint does not see an operation of update-cvm.") \
    X(CONFLICT_UPDATE_UNBLOCKED, "conflict-update-unblocked", "conflict.cross-endpoint", "must", \
      "update-cvm does not see an operation of the pre-launch-script endpoint.") \
    X(CONFLICT_CHECK_THEN_ACT, "conflict-check-then-act", "conflict.single-winner", "must", \
      "Looking for a running operation and starting one are two steps, and others fit in " \
      "between.") \
    X(CONFLICT_SCRIPT_CHECK_THEN_ACT, "conflict-script-check-then-act", \
      "conflict.single-winner", "must", \
      "Only the pre-launch-script endpoint looks and starts in two steps.") \
    X(CONFLICT_NOBODY_WINS, "conflict-nobody-wins", "conflict.single-winner", "must", \
      "Simultaneous updates refuse each other: none of them is accepted.") \
    X(CONFLICT_LOSERS_MERGED, "conflict-losers-merged", "conflict.single-winner", "must", \
      "Of simultaneous updates one is accepted, and what the others asked for is applied " \
      "with it.") \
    X(CONFLICT_GLOBAL_LOCK, "conflict-global-lock", "conflict.per-cvm", "must", \
      "One lock for all: an operation on one CVM blocks every other.") \
    X(CONFLICT_LOCK_PER_KMS, "conflict-lock-per-kms", "conflict.per-cvm", "must", \
      "An operation blocks every CVM of the same kind of KMS.") \
    X(CONFLICT_USER_CONFIG_SHARED, "conflict-user-config-shared", \
      "conflict.other-cvm-unaffected", "must", \
      "The statement that stores user_config lacks its condition: every CVM gets it.") \
    X(CONFLICT_COMMIT_SHARED, "conflict-commit-shared", "conflict.other-cvm-unaffected", "must", \
      "A commit stores its compose file in every contract-owned CVM.") \
    X(CONFLICT_409_BURNS_HASH, "conflict-409-burns-hash", "conflict.retry-after-409", "should", \
      "A compose hash refused with 409 counts as used.") \
    X(CONFLICT_LOCKED_AFTER_400, "conflict-locked-after-400", "conflict.after-refusal", "must", \
      "A script upload refused with 400 leaves the CVM locked.") \
    X(CONFLICT_LOCKED_AFTER_401, "conflict-locked-after-401", "conflict.after-refusal", "must", \
      "The lock is taken before credentials are looked at: a 401 leaves the CVM locked.") \
    X(CONFLICT_LOCKED_AFTER_422, "conflict-locked-after-422", "conflict.after-refusal", "must", \
      "A request refused with 422 leaves the CVM locked.") \
    X(CONFLICT_FAULT_STICKS, "conflict-fault-sticks", "conflict.after-refusal", "must", \
      "The list of faults is not emptied: after a 422 the next request is answered 422 as well.") \
    X(CONFLICT_LOCKED_AFTER_465, "conflict-locked-after-465", "conflict.after-refusal", "must", \
      "Phase 1 takes the CVM's lock and forgets to give it back.") \
    X(CONFLICT_LOCKED_AFTER_466, "conflict-locked-after-466", "conflict.after-refusal", "must", \
      "A phase 2 refused with 466 leaves the CVM locked.") \
    X(CONFLICT_LOCKED_AFTER_467, "conflict-locked-after-467", "conflict.after-refusal", "must", \
      "A phase 2 refused with 467 leaves the CVM locked.") \
    X(CONFLICT_LOCKED_AFTER_468, "conflict-locked-after-468", "conflict.after-refusal", "must", \
      "A phase 2 refused with 468 leaves the CVM locked.")

#define CF_REF_DEVIATIONS_TWO_PHASE_1(X) \
    X(TWO_PHASE_COMPOSE_FILE_UNPHASED, "two-phase-compose-file-unphased", \
      "two-phase.required", "must", \
      "A new docker_compose_file takes one request on a contract-owned CVM.") \
    X(TWO_PHASE_SCRIPT_UNPHASED, "two-phase-script-unphased", "two-phase.required", "must", \
      "The pre-launch-script endpoint knows no phases.") \
    X(TWO_PHASE_SCRIPT_MEMBER_UNPHASED, "two-phase-script-member-unphased", \
      "two-phase.required", "must", \
      "A script that comes through update-cvm takes one request.") \
    X(TWO_PHASE_ETHEREUM_UNPHASED, "two-phase-ethereum-unphased", "two-phase.required", "must", \
      "Only base, the chain supported last, asks for a registration: ethereum takes one " \
      "request.") \
    X(TWO_PHASE_BASE_UNPHASED, "two-phase-base-unphased", "two-phase.required", "must", \
      "Only ethereum is known for contracts that own keys: base takes one request.") \
    X(TWO_PHASE_MIXED_UNPHASED, "two-phase-mixed-unphased", "two-phase.required", "must", \
      "A request that also changes sizes is taken for a resize and needs no registration.") \
    X(TWO_PHASE_FLAGS_UNPHASED, "two-phase-flags-unphased", \
      "two-phase.required-other-fields", "should", \
      "The public flags are left out of the compose hash, so changing one needs no " \
      "registration.") \
    X(TWO_PHASE_TCBINFO_UNPHASED, "two-phase-tcbinfo-unphased", \
      "two-phase.required-other-fields", "should", \
      "public_tcbinfo, the newest of the flags, is left out of the compose hash.") \
    X(TWO_PHASE_ENVS_UNPHASED, "two-phase-envs-unphased", \
      "two-phase.required-other-fields", "should", \
      "allowed_envs are left out of the compose hash, so changing them needs no registration.") \
    X(TWO_PHASE_NO_ENVS_UNPHASED, "two-phase-no-envs-unphased", \
      "two-phase.required-other-fields", "should", \
      "Empty allowed_envs count as none sent when the compose hash is asked for: taking all of " \
      "them away needs no registration.") \
    X(TWO_PHASE_EMPTIED_UNPHASED, "two-phase-emptied-unphased", "two-phase.proof-needed", "must", \
      "An empty script counts as none sent when the compose hash is asked for, and clears the " \
      "script without a registration.") \
    X(TWO_PHASE_465_AS_409, "two-phase-465-as-409", "two-phase.required", "must", \
      "Phase 1 is answered 409.") \
    X(TWO_PHASE_HASH_MISSING, "two-phase-hash-missing", "two-phase.hash-returned", "must", \
      "The answer to phase 1 does not tell the compose hash.") \
    X(TWO_PHASE_HASH_CUT, "two-phase-hash-cut", "two-phase.hash-returned", "must", \
      "The answer to phase 1 tells half of the compose hash.") \
    X(TWO_PHASE_465_EMPTY, "two-phase-465-empty", "two-phase.hash-returned", "must", \
      "The answer to phase 1 has no body.") \
    X(TWO_PHASE_HASH_OF_NOW, "two-phase-hash-of-now", "two-phase.commit", "must", \
      "The answer to phase 1 tells the hash of what runs, not of what is to run.") \
    X(TWO_PHASE_KMS_INFO_MISSING, "two-phase-kms-info-missing", \
      "two-phase.465-details", "should", \
      "The details of a 465 have no row for kms_info.") \
    X(TWO_PHASE_REST_APPLIED, "two-phase-rest-applied", "two-phase.nothing-applied", "must", \
      "Phase 1 applies at once whatever is no part of the compose hash.") \
    X(TWO_PHASE_ALL_APPLIED, "two-phase-all-applied", "two-phase.nothing-applied", "must", \
      "Phase 1 applies everything and asks for the registration afterwards.") \
    X(TWO_PHASE_SCRIPT_APPLIED, "two-phase-script-applied", "two-phase.nothing-applied", "must", \
      "Phase 1 of the pre-launch-script endpoint stores the script at once.") \
    X(TWO_PHASE_HASH_SALTED, "two-phase-hash-salted", "two-phase.hash-stable", "should", \
      "The compose document carries a time stamp, so every request has another hash.") \
    X(TWO_PHASE_HASH_OF_CVM, "two-phase-hash-of-cvm", "two-phase.hash-stable", "should", \
      "Every change of one CVM has the same hash.") \
    X(TWO_PHASE_HASH_BY_ORDER, "two-phase-hash-by-order", "two-phase.hash-stable", "should", \
      "The compose document keeps the order of the request's members.") \
    X(TWO_PHASE_FOR_EVERYTHING, "two-phase-for-everything", "two-phase.not-required", "must", \
      "Every update of a contract-owned CVM takes two phases.") \
    X(TWO_PHASE_FOR_ENCRYPTED_ENV, "two-phase-for-encrypted-env", \
      "two-phase.not-required", "must", \
      "encrypted_env counts as part of the compose hash.") \
    X(TWO_PHASE_FOR_IMAGE, "two-phase-for-image", "two-phase.not-required", "must", \
      "image counts as part of the compose hash.") \
    X(TWO_PHASE_FOR_MANAGED, "two-phase-for-managed", "two-phase.managed-single-phase", "must", \
      "Managed CVMs take two phases as well.") \
    X(TWO_PHASE_FOR_MANAGED_SCRIPT, "two-phase-for-managed-script", \
      "two-phase.managed-single-phase", "must", \
      "The pre-launch-script endpoint asks managed CVMs for two phases.")

#define CF_REF_DEVIATIONS_TWO_PHASE_2(X) \
    X(TWO_PHASE_COMMIT_NOTHING, "two-phase-commit-nothing", "two-phase.commit", "must", \
      "Phase 2 is answered 202 and changes nothing.") \
    X(TWO_PHASE_COMMIT_COMPOSE_ONLY, "two-phase-commit-compose-only", "two-phase.commit", "must", \
      "Phase 2 applies what is part of the compose hash and forgets the rest of phase 1.") \
    X(TWO_PHASE_COMMIT_BODY, "two-phase-commit-body", "two-phase.commit", "must", \
      "Phase 2 applies its own body, although phase 1 said what is to come.") \
    X(TWO_PHASE_COMMIT_ADDS_BODY, "two-phase-commit-adds-body", \
      "two-phase.only-what-was-registered", "must", \
      "Phase 2 applies what phase 1 prepared, and its own body on top.") \
    X(TWO_PHASE_COMMIT_FORGETS_EMPTY, "two-phase-commit-forgets-empty", \
      "two-phase.commit", "must", \
      "What phase 1 keeps is filtered: of what is no part of the compose hash, empty texts and " \
      "null are lost.") \
    X(TWO_PHASE_COMMIT_ADDS_FLAGS, "two-phase-commit-adds-flags", \
      "two-phase.only-what-was-registered-other-fields", "should", \
      "Phase 2 takes the public flags and allowed_envs from its own body.") \
    X(TWO_PHASE_HEADER_CASE, "two-phase-header-case", "two-phase.header-case", "should", \
      "The headers of the two phases are found only in the letter case of the pages.") \
    X(TWO_PHASE_PREPARE_PROVES, "two-phase-prepare-proves", "two-phase.proof-needed", "must", \
      "With X-Prepare-Only: true a phase 2 commits unverified: the registration is to come later.") \
    X(TWO_PHASE_OTHER_BODY_500, "two-phase-other-body-500", \
      "two-phase.only-what-was-registered", "must", \
      "A phase 2 that asks for something else than phase 1 ends in an exception.") \
    X(TWO_PHASE_ONCE_ONLY, "two-phase-once-only", "two-phase.required", "must", \
      "After its first registration a CVM takes every change in one request.") \
    X(TWO_PHASE_REFUSED_RIDES_ALONG, "two-phase-refused-rides-along", \
      "two-phase.refusal-applies-nothing", "must", \
      "What a refused phase 2 proposed is applied together with the next update.") \
    X(TWO_PHASE_COMMIT_FORGETS_FLAGS, "two-phase-commit-forgets-flags", \
      "two-phase.commit-other-fields", "should", \
      "Phase 2 stores the two files and forgets allowed_envs and the public flags.") \
    X(TWO_PHASE_COMMIT_ID_MISSING, "two-phase-commit-id-missing", \
      "two-phase.commit-correlation-id", "must", \
      "The answer to phase 2 has no correlation id.") \
    X(TWO_PHASE_SHOWN_HASH_STALE, "two-phase-shown-hash-stale", \
      "two-phase.hash-shown-after-commit", "should", \
      "The compose hash shown stays that of the deployment.") \
    X(TWO_PHASE_COMMIT_SNAPSHOT, "two-phase-commit-snapshot", "two-phase.commit", "must", \
      "Phase 2 puts back every setting as it was at phase 1, undoing what came in between.") \
    X(TWO_PHASE_SCRIPT_COMMIT_NOTHING, "two-phase-script-commit-nothing", \
      "two-phase.commit", "must", \
      "Phase 2 of the pre-launch-script endpoint is answered 202 and changes nothing.") \
    X(TWO_PHASE_COMMIT_200, "two-phase-commit-200", "two-phase.commit", "must", \
      "Phase 2 is answered 200.") \
    X(TWO_PHASE_UNKNOWN_HASH_ACCEPTED, "two-phase-unknown-hash-accepted", \
      "two-phase.466-unknown", "must", \
      "Any hash on the allow list is good, whether this server made it or not.") \
    X(TWO_PHASE_466_AS_400, "two-phase-466-as-400", "two-phase.466-unknown", "must", \
      "A compose hash that is not valid is answered 400.") \
    X(TWO_PHASE_466_AS_468, "two-phase-466-as-468", "two-phase.466-unknown", "must", \
      "A compose hash that is not valid is answered 468.") \
    X(TWO_PHASE_466_AS_467, "two-phase-466-as-467", "two-phase.466-unknown", "must", \
      "A compose hash that is not valid is answered 467.") \
    X(TWO_PHASE_OTHER_CVM_ACCEPTED, "two-phase-other-cvm-accepted", \
      "two-phase.466-other-cvm", "must", \
      "Prepared updates are kept by hash alone, so one CVM's commits on another.") \
    X(TWO_PHASE_466_COMMITS_ELSEWHERE, "two-phase-466-commits-elsewhere", \
      "two-phase.466-other-cvm", "must", \
      "A compose hash of another CVM is answered 466, and what was prepared there is " \
      "applied there.") \
    X(TWO_PHASE_EXPIRED_ACCEPTED, "two-phase-expired-accepted", "two-phase.466-expired", "must", \
      "Nobody looks at a compose hash's age.") \
    X(TWO_PHASE_SUPERSEDED_ACCEPTED, "two-phase-superseded-accepted", \
      "two-phase.466-superseded", "should", \
      "A newer phase 1 does not invalidate the older one.") \
    X(TWO_PHASE_REPLAY_ACCEPTED, "two-phase-replay-accepted", "two-phase.466-replayed", "should", \
      "A proof that was used once is good for a second time.") \
    X(TWO_PHASE_REPLAY_RESTARTS, "two-phase-replay-restarts", "two-phase.466-replayed", "should", \
      "A proof that was used once is answered 466 when it comes again, and restarts the " \
      "CVM.") \
    X(TWO_PHASE_REPLAY_LATER, "two-phase-replay-later", "two-phase.466-replayed", "should", \
      "Only the last proof used is remembered as used; older ones are good again.") \
    X(TWO_PHASE_UNKNOWN_TRANSACTION_ACCEPTED, "two-phase-unknown-transaction-accepted", \
      "two-phase.467-unknown-transaction", "must", \
      "A transaction that nobody sent is taken for a proof.") \
    X(TWO_PHASE_467_AS_466, "two-phase-467-as-466", "two-phase.467-unknown-transaction", "must", \
      "A transaction that cannot be verified is answered 466.") \
    X(TWO_PHASE_467_AS_468, "two-phase-467-as-468", "two-phase.467-unknown-transaction", "must", \
      "A transaction that cannot be verified is answered 468.") \
    X(TWO_PHASE_467_AS_500, "two-phase-467-as-500", "two-phase.467-unknown-transaction", "must", \
      "The missing receipt of a transaction ends in an exception.") \
    X(TWO_PHASE_REVERTED_ACCEPTED, "two-phase-reverted-accepted", \
      "two-phase.467-reverted", "must", \
      "A receipt is enough, whatever its status.") \
    X(TWO_PHASE_OTHER_CONTRACT_ACCEPTED, "two-phase-other-contract-accepted", \
      "two-phase.467-other-contract", "must", \
      "The event counts whichever contract emitted it.") \
    X(TWO_PHASE_OTHER_HASH_ACCEPTED, "two-phase-other-hash-accepted", \
      "two-phase.467-other-hash", "should", \
      "Any registration with the app's contract proves every hash on its list.") \
    X(TWO_PHASE_ALLOW_LIST_UNCHECKED, "two-phase-allow-list-unchecked", \
      "two-phase.468-not-allowed", "must", \
      "The transaction is verified, the contract's allow list is not asked.") \
    X(TWO_PHASE_ALLOW_LIST_CACHED, "two-phase-allow-list-cached", \
      "two-phase.468-not-allowed", "must", \
      "A hash that was ever on the allow list counts as allowed for good.") \
    X(TWO_PHASE_SCRIPT_ALLOW_LIST_UNCHECKED, "two-phase-script-allow-list-unchecked", \
      "two-phase.468-not-allowed", "must", \
      "The pre-launch-script endpoint does not ask the allow list.") \
    X(TWO_PHASE_468_AS_467, "two-phase-468-as-467", "two-phase.468-not-allowed", "must", \
      "A hash that is not on the allow list is answered 467.") \
    X(TWO_PHASE_466_APPLIED, "two-phase-466-applied", \
      "two-phase.refusal-applies-nothing", "must", \
      "The answer is 466, what phase 1 prepared is applied nevertheless.") \
    X(TWO_PHASE_467_APPLIED, "two-phase-467-applied", \
      "two-phase.refusal-applies-nothing", "must", \
      "The answer is 467, what phase 1 prepared is applied nevertheless.") \
    X(TWO_PHASE_468_APPLIED, "two-phase-468-applied", \
      "two-phase.refusal-applies-nothing", "must", \
      "The answer is 468, what phase 1 prepared is applied nevertheless.") \
    X(TWO_PHASE_468_REST_APPLIED, "two-phase-468-rest-applied", \
      "two-phase.refusal-applies-nothing", "must", \
      "The answer is 468, what is no part of the compose hash is applied nevertheless.") \
    X(TWO_PHASE_467_BURNS_HASH, "two-phase-467-burns-hash", \
      "two-phase.retry-after-refusal", "should", \
      "A compose hash refused with 467 counts as used.") \
    X(TWO_PHASE_468_BURNS_HASH, "two-phase-468-burns-hash", \
      "two-phase.retry-after-refusal", "should", \
      "A compose hash refused with 468 counts as used.") \
    X(TWO_PHASE_466_BURNS_HASH, "two-phase-466-burns-hash", \
      "two-phase.retry-after-refusal", "should", \
      "A wrong compose hash discards the update that awaits the right one.") \
    X(TWO_PHASE_PROOF_OPTIONAL, "two-phase-proof-optional", "two-phase.proof-needed", "must", \
      "A compose hash without a transaction commits.") \
    X(TWO_PHASE_SCRIPT_PROOF_OPTIONAL, "two-phase-script-proof-optional", \
      "two-phase.proof-needed", "must", \
      "On the pre-launch-script endpoint a compose hash without a transaction commits.") \
    X(TWO_PHASE_MALFORMED_HASH_500, "two-phase-malformed-hash-500", \
      "two-phase.malformed-hash", "must", \
      "A compose hash that is not hexadecimal ends in an exception.") \
    X(TWO_PHASE_MALFORMED_TRANSACTION_500, "two-phase-malformed-transaction-500", \
      "two-phase.malformed-hash", "must", \
      "A transaction hash that is not hexadecimal ends in an exception.") \
    X(TWO_PHASE_MALFORMED_HASH_IGNORED, "two-phase-malformed-hash-ignored", \
      "two-phase.malformed-hash", "must", \
      "A compose hash that cannot be read counts as not sent, and the body is taken for an " \
      "update.") \
    X(TWO_PHASE_MALFORMED_HASH_400, "two-phase-malformed-hash-400", \
      "two-phase.malformed-compose-hash-466", "should", \
      "A compose hash that is not hexadecimal is answered 400.") \
    X(TWO_PHASE_MALFORMED_TRANSACTION_400, "two-phase-malformed-transaction-400", \
      "two-phase.malformed-transaction-467", "should", \
      "A transaction hash that is not hexadecimal is answered 400.") \
    X(TWO_PHASE_CODES_MISSING, "two-phase-codes-missing", "two-phase.error-codes", "should", \
      "The structured errors have no error_code.") \
    X(TWO_PHASE_CODES_SHIFTED, "two-phase-codes-shifted", "two-phase.error-codes", "should", \
      "The error codes of the two-phase flow are counted from one too low.")

#define CF_REF_DEVIATIONS_PREPARE(X) \
    X(PREPARE_TOKEN_MISSING, "prepare-token-missing", "prepare.token", "must", \
      "Prepare-only is answered as any phase 1: without a token.") \
    X(PREPARE_APPLIES, "prepare-applies", "prepare.token", "must", \
      "Prepare-only hands out a token and applies the update.") \
    X(PREPARE_202, "prepare-202", "prepare.token", "must", \
      "Prepare-only is answered 202.") \
    X(PREPARE_TOKEN_OF_HASH, "prepare-token-of-hash", "prepare.token-unique", "should", \
      "The commit token is derived from the compose hash.") \
    X(PREPARE_TOKEN_OF_CVM, "prepare-token-of-cvm", "prepare.token-unique", "should", \
      "The commit token is derived from the CVM.") \
    X(PREPARE_TOKEN_CONSTANT, "prepare-token-constant", "prepare.token-unique", "should", \
      "There is one commit token for all.") \
    X(PREPARE_OLD_TOKEN_ACCEPTED, "prepare-old-token-accepted", "prepare.supersedes", "should", \
      "The token of an older prepare still commits.") \
    X(PREPARE_COMMIT_401, "prepare-commit-401", "prepare.commit", "should", \
      "commit-update asks for an API key.") \
    X(PREPARE_COMMIT_NOTHING, "prepare-commit-nothing", "prepare.commit", "should", \
      "commit-update is answered 202 and changes nothing.") \
    X(PREPARE_ALREADY_REGISTERED_REFUSED, "prepare-already-registered-refused", \
      "prepare.commit", "should", \
      "commit-update wants a transaction, already-registered is none.") \
    X(PREPARE_TOKEN_REUSABLE, "prepare-token-reusable", "prepare.commit", "should", \
      "A commit token is good for any number of commits.") \
    X(PREPARE_REFUSED_COMMIT_RESTARTS, "prepare-refused-commit-restarts", \
      "prepare.commit", "should", \
      "commit-update restarts the CVM before it looks at the token.") \
    X(PREPARE_TOKEN_UNCHECKED, "prepare-token-unchecked", "prepare.commit", "should", \
      "commit-update does not look at the token.") \
    X(PREPARE_COMMIT_HASH_IGNORED, "prepare-commit-hash-ignored", "prepare.commit", "should", \
      "commit-update takes whichever update the token stands for and does not look at the compose hash.") \
    X(PREPARE_COMMIT_ANY_CVM, "prepare-commit-any-cvm", "prepare.commit", "should", \
      "A commit token has to be one that was handed out, no matter for which CVM.") \
    X(PREPARE_COMMIT_LIST_UNCHECKED, "prepare-commit-list-unchecked", "prepare.commit", "should", \
      "commit-update does not ask the allow list.") \
    X(PREPARE_WHENEVER_SENT, "prepare-whenever-sent", "prepare.only-when-true", "should", \
      "X-Prepare-Only counts whatever its value.") \
    X(PREPARE_ALWAYS, "prepare-always", "prepare.only-when-true", "should", \
      "Every phase 1 hands out a commit token.")

#define CF_REF_DEVIATIONS_SCRIPT(X) \
    X(SCRIPT_200, "script-200", "script.replaced", "must", \
      "An accepted script is answered 200.") \
    X(SCRIPT_CORRELATION_ID_MISSING, "script-correlation-id-missing", \
      "script.correlation-id", "must", \
      "The answer to an accepted script has no correlation id.") \
    X(SCRIPT_NOT_STORED, "script-not-stored", "script.replaced", "must", \
      "An accepted script restarts the CVM with the old one.") \
    X(SCRIPT_SECOND_REFUSED, "script-second-refused", "script.replaced", "must", \
      "A script that was uploaded cannot be replaced by another upload: 400, the file " \
      "exists.") \
    X(SCRIPT_SECOND_IGNORED, "script-second-ignored", "script.replaced", "must", \
      "Uploads are kept by file name: a second one of the same name is not looked at.") \
    X(SCRIPT_RETURN_IGNORED, "script-return-ignored", "script.replaced", "must", \
      "A script equal to the last but one is taken for an old upload that arrives late, and " \
      "ignored.") \
    X(SCRIPT_CRLF_CONVERTED, "script-crlf-converted", "script.replaced", "must", \
      "CRLF in a script is stored as LF.") \
    X(SCRIPT_TRIMMED, "script-trimmed", "script.replaced", "must", \
      "The white space at the end of a script is lost.") \
    X(SCRIPT_NEWLINE_ADDED, "script-newline-added", "script.replaced", "must", \
      "A script that does not end in a newline gets one.") \
    X(SCRIPT_TABS_EXPANDED, "script-tabs-expanded", "script.replaced", "must", \
      "Tabs in a script are stored as spaces.") \
    X(SCRIPT_ASCII, "script-ascii", "script.replaced", "must", \
      "Every byte of a script that is not ASCII is stored as a question mark.") \
    X(SCRIPT_CUT, "script-cut", "script.replaced", "must", \
      "A script is cut to its first 4096 bytes, the size of one read.") \
    X(SCRIPT_CUT_64K, "script-cut-64k", "script.large", "should", \
      "A script is cut to 65535 bytes, the width of its column.") \
    X(SCRIPT_PART_TYPE_CHECKED, "script-part-type-checked", "script.part-type", "should", \
      "The file of a form is refused unless it is called application/octet-stream.") \
    X(SCRIPT_APPENDED, "script-appended", "script.replaced", "must", \
      "The new script is appended to the old one.") \
    X(SCRIPT_DROPS_ENVS, "script-drops-envs", "script.nothing-else-changes", "must", \
      "A new script rebuilds the compose document without its allowed_envs.") \
    X(SCRIPT_HIDES_LOGS, "script-hides-logs", "script.nothing-else-changes", "must", \
      "A new script rebuilds the compose document with its public flags off.") \
    X(SCRIPT_UPGRADES_IMAGE, "script-upgrades-image", "script.nothing-else-changes", "must", \
      "The restart after a new script boots another image.") \
    X(SCRIPT_LIFTS_TIMEOUT, "script-lifts-timeout", "script.nothing-else-changes", "must", \
      "The restart after a new script forgets the shutdown timeout.") \
    X(SCRIPT_EMPTY_FILE_ACCEPTED, "script-empty-file-accepted", "script.empty-file", "should", \
      "An empty file clears the script.") \
    X(SCRIPT_NO_BODY_ACCEPTED, "script-no-body-accepted", "script.empty-body", "must", \
      "No body at all is accepted as a restart.") \
    X(SCRIPT_EMPTY_422, "script-empty-422", "script.empty-body", "must", \
      "An empty body is answered 422.") \
    X(SCRIPT_JSON_ACCEPTED, "script-json-accepted", "script.content-type", "must", \
      "A JSON body is stored as the script.") \
    X(SCRIPT_ANY_TYPE_ACCEPTED, "script-any-type-accepted", "script.content-type", "must", \
      "Any content type but JSON is stored as the script.") \
    X(SCRIPT_REFUSED_STORED, "script-refused-stored", "script.content-type", "must", \
      "An upload of a wrong content type or without a script is answered 400 after it was " \
      "stored.") \
    X(SCRIPT_TYPE_415, "script-type-415", "script.content-type", "must", \
      "A content type that is no script upload is answered 415.") \
    X(SCRIPT_UNKNOWN_CVM_400, "script-unknown-cvm-400", "script.shared-status-codes", "must", \
      "The pre-launch-script endpoint answers 400 for a CVM that does not exist.") \
    X(SCRIPT_CONFLICT_400, "script-conflict-400", "script.shared-status-codes", "must", \
      "The pre-launch-script endpoint answers 400 while an operation runs.") \
    X(SCRIPT_465_AS_400, "script-465-as-400", "script.shared-status-codes", "must", \
      "The pre-launch-script endpoint answers phase 1 with 400.") \
    X(SCRIPT_467_AS_400, "script-467-as-400", "script.shared-status-codes", "must", \
      "The pre-launch-script endpoint answers every failed proof with 400.")

#define CF_REF_DEVIATIONS_ROBUSTNESS(X) \
    X(ROBUSTNESS_DEEP_NESTING_500, "robustness-deep-nesting-500", \
      "robustness.deep-nesting", "should", \
      "A deeply nested body exhausts the parser's stack.") \
    X(ROBUSTNESS_LONG_TEXT_500, "robustness-long-text-500", "robustness.large-string", "should", \
      "A string of half a megabyte or more does not fit its column.") \
    X(ROBUSTNESS_LONG_LIST_500, "robustness-long-list-500", "robustness.large-string", "should", \
      "A list of more than ten thousand names ends in an exception.") \
    X(ROBUSTNESS_INVALID_UTF8_500, "robustness-invalid-utf8-500", \
      "robustness.invalid-utf8", "should", \
      "A body that is not UTF-8 ends in an exception.") \
    X(ROBUSTNESS_NUL_500, "robustness-nul-500", "robustness.nul", "should", \
      "A NUL in a string ends in an exception of the database.") \
    X(ROBUSTNESS_DUPLICATES_500, "robustness-duplicates-500", \
      "robustness.duplicate-members", "should", \
      "A member that occurs twice ends in an exception.") \
    X(ROBUSTNESS_HUGE_NUMBER_500, "robustness-huge-number-500", \
      "robustness.huge-numbers", "should", \
      "A size of more than 64 bits ends in an exception.") \
    X(ROBUSTNESS_CONTENT_TYPE_500, "robustness-content-type-500", \
      "robustness.content-types", "should", \
      "A content type that nobody expects ends in an exception.") \
    X(ROBUSTNESS_ENCODED_ID_500, "robustness-encoded-id-500", "robustness.cvm-ids", "should", \
      "A CVM id with anything but letters, digits and dashes ends in an exception.") \
    X(ROBUSTNESS_LONG_HEADER_DROPPED, "robustness-long-header-dropped", \
      "robustness.long-headers", "should", \
      "A proof header of a kilobyte or more makes the server hang up.") \
    X(ROBUSTNESS_LONG_HEADER_500, "robustness-long-header-500", \
      "robustness.long-headers", "should", \
      "A proof header of a kilobyte or more ends in an exception.") \
    X(ROBUSTNESS_HTML_ERRORS, "robustness-html-errors", "robustness.json-errors", "should", \
      "Errors are pages of HTML.") \
    X(ROBUSTNESS_SCRIPT_500, "robustness-script-500", "robustness.script-500", "should", \
      "A form that cannot be read ends in an exception of the pre-launch-script endpoint.")

#define CF_REF_DEVIATIONS_PICS(X) \
    X(PICS_KMS_DENIED, "pics-contract-owned-kms-denied", "pics.contract-owned-kms", "must", \
      "The profile claims no contract-owned KMS and calls such CVMs managed.") \
    X(ROBUSTNESS_SCRIPT_BYTES_500, "robustness-script-bytes-500", \
      "robustness.script-500", "should", \
      "A script that is not UTF-8 ends in an exception.") \
    X(PICS_GPU_RENTAL_DENIED, "pics-gpu-rental-denied", "pics.gpu-rental", "must", \
      "The profile claims no GPU rentals; after its first update a CVM is turned away as " \
      "rented.") \
    X(PICS_PREPARE_DENIED, "pics-prepare-only-denied", "pics.prepare-only", "must", \
      "The profile claims no prepare-only; tokens are handed out all the same.") \
    X(PICS_INSTANT_CLAIMED, "pics-instant-claimed", "pics.instant-operations", "must", \
      "The profile claims instant operations; they take a fifth of a second.")
/* clang-format on */

#endif

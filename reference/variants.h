/*
 * Every liberty that the reference IUT can be told to take: things that the contract leaves open
 * and that real stacks do differently. C identifier, name, ambiguity, level of the findings that it
 * may raise ("": none at all; "should": it keeps every must, not every should), one sentence.
 */
#ifndef CF_REFERENCE_VARIANTS_H
#define CF_REFERENCE_VARIANTS_H

/* clang-format off */
#define CF_REF_VARIANTS(X) \
    X(HASHES_WITHOUT_0X, "hashes-without-0x", "", "", \
      "Hashes and addresses are shown without 0x.") \
    X(HASHES_IN_CAPITALS, "hashes-in-capitals", "", "", \
      "The compose hash is shown in upper-case hexadecimal.") \
    X(ERRORS_UNDER_DETAIL, "errors-under-detail", "", "", \
      "Structured errors stand under a member named detail.") \
    X(PLAIN_ERRORS, "plain-errors", "", "should", \
      "Errors other than 422 and 465 are one sentence under detail, without codes.") \
    X(JSON_CHARSET, "json-charset", "", "", \
      "JSON is sent as application/json; charset=utf-8.") \
    X(JSON_SPREAD_OUT, "json-spread-out", "", "", \
      "JSON is sent with white space around everything.") \
    X(EXTRA_MEMBERS, "extra-members", "", "", \
      "The bodies of 202 and 422 have members that nobody asked for.") \
    X(LOWER_CASE_HEADERS, "lower-case-headers", "", "", \
      "Header names are sent in lower case.") \
    X(BUSY_RETRY_AFTER, "busy-retry-after", "", "", \
      "A 409 says when to try again.") \
    X(SHORT_CORRELATION_IDS, "short-correlation-ids", "", "", \
      "Correlation ids are short texts, no UUIDs.") \
    X(ACCEPTED_CORRELATION_ID_ONLY, "accepted-correlation-id-only", "", "should", \
      "The body of a 202 holds nothing but the correlation id.") \
    X(APPLIED_AT_ONCE, "applied-at-once", "", "", \
      "New values are shown from acceptance on, while the operation still runs.") \
    X(OPERATIONS_NUMBERED, "operations-numbered", "tracking", "should", \
      "The operations list numbers its operations; correlation ids are for support.") \
    X(FOREIGN_404, "foreign-404", "", "should", \
      "A CVM of another workspace is answered 404, so as not to tell that it exists.") \
    X(SCRIPT_REFUSES_RENTALS, "script-refuses-rentals", "gpu-rental", "", \
      "The pre-launch-script endpoint turns away CVMs that a GPU rental manages, too.") \
    X(MALFORMED_BEFORE_AUTH, "malformed-before-auth", "", "", \
      "A body that is no JSON is refused before credentials are looked at.") \
    X(VALIDATION_BEFORE_LOOKUP, "validation-before-lookup", "", "", \
      "Faults in the body are told before the CVM is looked up.") \
    X(CONFLICT_BEFORE_VALIDATION, "conflict-before-validation", "", "", \
      "A CVM with an operation running answers 409 whatever the body.") \
    X(DETAIL_EXTRA_MEMBERS, "detail-extra-members", "", "", \
      "The rows of a 422 carry input, ctx and url as well.") \
    X(OTHER_WORDS, "other-words", "", "", \
      "Messages and types of a 422 are in the implementer's own words and alphabet.") \
    X(LOC_UNDER_JSON, "loc-under-json", "detail-rows", "should", \
      "The place of a fault begins with json instead of body.") \
    X(LOC_BRANCH_TAGS, "loc-branch-tags", "", "", \
      "The place of a fault ends with the branch of the union that was tried.") \
    X(LOC_BRANCH_TAGS_INSIDE, "loc-branch-tags-inside", "", "", \
      "The place of a fault inside gpus or allowed_envs has the branch after the field.") \
    X(LOC_WITHOUT_BODY, "loc-without-body", "", "should", \
      "The place of a fault starts at the field.") \
    X(FIRST_ERROR_ONLY, "first-error-only", "", "should", \
      "A 422 tells the first fault only.") \
    X(MALFORMED_JSON_400, "malformed-json-400", "", "should", \
      "A body that is no JSON is answered 400.") \
    X(UNKNOWN_MEMBERS_REFUSED, "unknown-members-refused", "", "", \
      "A member that the schema does not know is a fault.") \
    X(DUPLICATES_REFUSED, "duplicates-refused", "", "", \
      "A member that occurs twice is a fault.") \
    X(FIRST_DUPLICATE_COUNTS, "first-duplicate-counts", "duplicate-members", "", \
      "Of a member that occurs twice the first counts.") \
    X(JSON_UNDER_ANY_LABEL, "json-under-any-label", "media-type", "", \
      "The body is read as JSON whatever its content type says.") \
    X(IMPOSSIBLE_SIZES_422, "impossible-sizes-422", "legal-values", "", \
      "Sizes that no machine has are answered 422.") \
    X(IMPOSSIBLE_SIZES_FAIL, "impossible-sizes-fail", "legal-values", "", \
      "Sizes that no machine has are accepted, and the operation fails.") \
    X(ATTACH_MODES_CHECKED, "attach-modes-checked", "attach-mode-values", "", \
      "An attach_mode that is neither listed nor all is answered 400.") \
    X(ATTACH_MODE_STAYS, "attach-mode-stays", "default-of-a-patch", "", \
      "gpus without attach_mode leaves the mode as it is.") \
    X(LAX_COERCION, "lax-coercion", "", "", \
      "\"4\" and true pass for integers, 1 and \"yes\" for booleans.") \
    X(STRICT_INTEGERS, "strict-integers", "", "", \
      "4.0 is no integer.") \
    X(FRACTIONS_TRUNCATED, "fractions-truncated", "", "should", \
      "1.5 passes for the integer 1.") \
    X(SCALARS_BECOME_TEXT, "scalars-become-text", "", "should", \
      "Numbers and booleans pass for strings.") \
    X(NULL_LEAVES, "null-leaves", "", "", \
      "null leaves a value as it is, except that it lifts the shutdown timeout.") \
    X(NULL_RESETS, "null-resets", "", "", \
      "null puts a value back to what deployments start with.") \
    X(EMPTY_OBJECT_400, "empty-object-400", "", "", \
      "An update without members is answered 400.") \
    X(SMALL_BODIES, "small-bodies", "", "", \
      "Bodies of more than a megabyte are answered 413.") \
    X(UNCHANGED_NEEDS_PHASES, "unchanged-needs-phases", "", "", \
      "A compose member takes two phases even where its value stays.") \
    X(PHASE_1_WHILE_BUSY, "phase-1-while-busy", "phase-1-during-an-operation", "", \
      "Phase 1 is answered 465 while an operation runs: it starts none itself.") \
    X(FILES_ONLY_HASHED, "files-only-hashed", "what-the-hash-is-made-of", "should", \
      "The compose hash is made of the compose file and the script alone.") \
    X(REGISTERED_NEEDS_NO_PHASES, "registered-needs-no-phases", "registered-before", "", \
      "What leads to a hash that is on the allow list already takes one request.") \
    X(HASHES_ARE_NAMES, "hashes-are-names", "stable-hash", "should", \
      "The compose hash is a random name of the prepared update.") \
    X(EXACT_HASHES, "exact-hashes", "spelling-of-hashes", "", \
      "A compose hash counts only as it was spelt in phase 1.") \
    X(HALF_A_PROOF_IGNORED, "half-a-proof-ignored", "half-a-proof", "should", \
      "One proof header without the other is as good as none: the request is a phase 1.") \
    X(NEEDLESS_PROOF_CHECKED, "needless-proof-checked", "needless-proof", "", \
      "Proof headers are checked on managed CVMs too, where no hash is ever good.") \
    X(STALE_HASH_REFUSED, "stale-hash-refused", "stale-hash", "should", \
      "Any update in between makes a compose hash invalid.") \
    X(MALFORMED_PROOF_400, "malformed-proof-400", "malformed-proof", "should", \
      "A proof header that is not hexadecimal is answered 400.") \
    X(REFUSED_PROOF_SPENT, "refused-proof-spent", "retry", "should", \
      "After a 409, 467 or 468 phase 1 has to be made anew.") \
    X(HASHES_PER_ENDPOINT, "hashes-per-endpoint", "across-endpoints", "", \
      "A compose hash commits at the endpoint of its phase 1 only.") \
    X(TOKENS_ELSEWHERE, "tokens-elsewhere", "use-of-the-token", "should", \
      "There is no commit-update: tokens are redeemed on a web page.") \
    X(PREPARE_TRUE_TO_THE_LETTER, "prepare-true-to-the-letter", "values-of-prepare-only", "", \
      "X-Prepare-Only counts only as true in lower case.") \
    X(PREPARE_ANY_TRUTH, "prepare-any-truth", "values-of-prepare-only", "", \
      "X-Prepare-Only counts as 1, yes and on, too.") \
    X(FOREIGN_TYPES_415, "foreign-types-415", "media-type", "", \
      "A body of another media type than JSON is answered 415.") \
    X(ODD_IDS_422, "odd-ids-422", "form-of-ids", "should", \
      "An id of a form that no CVM has is answered 422.") \
    X(EMPTY_SHOWN_AS_NULL, "empty-shown-as-null", "empty-is-none", "", \
      "Empty texts and lists are shown as null.") \
    X(GPUS_SHOWN_IN_FULL, "gpus-shown-in-full", "gpu-order-and-product", "", \
      "GPUs are shown with a product_id, which may be null, and with their temperature.") \
    X(HASH_AS_A_MEMBER, "hash-as-a-member", "form-of-465", "should", \
      "The answer to phase 1 is a sentence and the compose hash, without details.") \
    X(HASH_IN_A_SENTENCE, "hash-in-a-sentence", "form-of-465", "should", \
      "The answer to phase 1 is a sentence that names the compose hash.") \
    X(ALLOW_LIST_FIRST, "allow-list-first", "", "", \
      "The allow list is asked before the transaction is verified.") \
    X(ALLOW_LIST_SUFFICES, "allow-list-suffices", "", "", \
      "A hash that is on the allow list needs no transaction.") \
    X(PREPARE_MANAGED_REFUSED, "prepare-managed-refused", "", "", \
      "Prepare-only is answered 400 where keys are held by the vendor.") \
    X(RAW_SCRIPT_REFUSED, "raw-script-refused", "", "", \
      "A script has to be a form's file; text/plain is answered 400.") \
    X(ABSENT_FILE_422, "absent-file-422", "file-absent", "", \
      "A form without a file is answered 422.") \
    X(ABSENT_FILE_RESTARTS, "absent-file-restarts", "file-absent", "", \
      "A form without a file restarts the CVM with the script there is.") \
    X(EMPTY_FILE_CLEARS, "empty-file-clears", "empty-file", "should", \
      "An empty file clears the script.") \
    X(PART_TYPE_CHECKED, "part-type-checked", "invalid-content-type", "should", \
      "The file of a form has to be called application/octet-stream.") \
    X(PHASE_2_BODY_REPEATED, "phase-2-body-repeated", "", "", \
      "Phase 2 has to repeat the body of phase 1; the profile says so.") \
    X(WITHOUT_CONTRACT_OWNED_KMS, "without-contract-owned-kms", "", "", \
      "There is no contract-owned KMS; the profile says so.") \
    X(WITHOUT_PREPARE_ONLY, "without-prepare-only", "", "", \
      "X-Prepare-Only is not known; the profile says so.") \
    X(WITHOUT_GPU_RENTAL, "without-gpu-rental", "", "", \
      "There are no GPU rentals; the profile says so.") \
    X(HASHES_NEVER_EXPIRE, "hashes-never-expire", "lifetime-of-a-hash", "", \
      "A compose hash waits for its registration for ever; the profile says so.") \
    X(NO_TIMEOUT_IS_0, "no-timeout-is-0", "null", "", \
      "No shutdown timeout reads as 0.") \
    X(INSTANT_OPERATIONS, "instant-operations", "", "", \
      "Operations are over before they are answered; the profile says so.") \
    X(LEGACY_READ_SIDE, "legacy-read-side", "", "", \
      "The profile asks for the 2025-10-28 shape of the read side.")
/* clang-format on */

#endif

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
    X(ERRORS_UNDER_DETAIL, "errors-under-detail", "", "", \
      "Structured errors stand under a member named detail.") \
    X(FOREIGN_404, "foreign-404", "", "should", \
      "A CVM of another workspace is answered 404, so as not to tell that it exists.") \
    X(LOC_BRANCH_TAGS, "loc-branch-tags", "", "", \
      "The place of a fault goes on with the branch of the union that was tried.") \
    X(DETAIL_EXTRA_MEMBERS, "detail-extra-members", "", "", \
      "The rows of a 422 carry input, ctx and url as well.") \
    X(MALFORMED_JSON_400, "malformed-json-400", "", "should", \
      "A body that is no JSON is answered 400.") \
    X(NULL_LEAVES, "null-leaves", "", "", \
      "null leaves a value as it is, except that it lifts the shutdown timeout.") \
    X(NULL_RESETS, "null-resets", "", "", \
      "null puts a value back to what deployments start with.") \
    X(UNKNOWN_MEMBERS_REFUSED, "unknown-members-refused", "", "", \
      "A member that the schema does not know is a fault.") \
    X(LAX_COERCION, "lax-coercion", "", "", \
      "\"4\" and true pass for integers, 1 and \"yes\" for booleans.") \
    X(ACCEPTED_CORRELATION_ID_ONLY, "accepted-correlation-id-only", "", "should", \
      "The body of a 202 holds nothing but the correlation id.") \
    X(EMPTY_OBJECT_400, "empty-object-400", "", "", \
      "An update without members is answered 400.") \
    X(ALLOW_LIST_FIRST, "allow-list-first", "", "", \
      "The allow list is asked before the transaction is verified.")
/* clang-format on */

#endif

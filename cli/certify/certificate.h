/*
 * The certificate: a folder that lets others check a run without trusting who ran it.
 *
 * It holds the results with every transcript, the reports, the profile without its secrets, the
 * case files, a statement about all of them (statement.h), its signature where there is a key, and
 * SHA256SUMS. "cvm-conformance verify" judges every case again from it.
 */
#ifndef CF_CLI_CERTIFY_CERTIFICATE_H
#define CF_CLI_CERTIFY_CERTIFICATE_H

#include "cli/certify/ed25519.h"
#include "cli/certify/statement.h"

#define CF_CERTIFICATE_FOLDER "certificate"

struct cf_certificate {
    const char *out_dir;   /* of the run, where its reports are */
    const char *cases_dir; /* the shipped case files */
    const struct cf_report_source *source;
    const struct cf_catalogue *catalogue;
    const struct cf_profile *profile;
    const struct cf_key *key; /* to sign with, NULL: not signed */
};

/* Whether out_dir has no certificate yet; tells when it has one. */
bool cf_certificate_is_new(const char *out_dir);

/* Write out_dir/certificate. Errors: CF_EIO, CF_EINPUT, CF_ELIMIT; the folder may then
 * be there in part, without SHA256SUMS. */
CF_MUST_CHECK enum cf_code cf_certificate_write(const struct cf_certificate *from,
                                                struct cf_err *err);

#endif

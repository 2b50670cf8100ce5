/*
 * What may be shown of a profile: its text, in which all that could be a secret is replaced.
 *
 * Hidden by default: the credential, the values of pixit.headers and of a hook's headers (but those
 * of the vocabulary's shown_headers and of what any client sends: Accept, Accept-Language,
 * Content-Type, User-Agent), a hook's url behind its host, its json, and the words of its command
 * behind the first; in observe.fields, the parameters of a query that look like a secret. Shown:
 * an input such as "{cvm_id}". Making the public text of a public text changes nothing.
 */
#ifndef CF_CASE_PROFILE_PUBLIC_H
#define CF_CASE_PROFILE_PUBLIC_H

#include "harness/case/profile_refs.h"

/* A text that the public text does not show. */
struct cf_hidden_text {
    char *value;       /* SECRET */
    char *placeholder; /* "$HOOK_NAME", "$HEADER_NAME", or "$NAME" of {"env": "NAME"} */
    const char
        *header;   /* the one of pixit.headers whose value it is; NULL: none. In the document */
    bool declared; /* said to be a secret, by how it is given or by its name */
    bool written;  /* it stands in the profile itself */
};

struct cf_profile_public {
    char *text;
    size_t len;
    struct cf_hidden_text *hidden; /* all but the credential, as they stand in the profile */
    size_t hidden_count;
};

struct cf_profile_public_from {
    struct cf_json_doc *doc; /* a checked profile, its references resolved */
    const char *bytes;       /* those that it was parsed from */
    size_t len;
    struct cf_profile_refs *refs;
    const char *auth_placeholder;
    const char *const *shown_headers; /* NULL-terminated; NULL: none */
    bool sealed; /* what was taken from elsewhere becomes its placeholder in doc, too */
};

/* out borrows from the document; released by cf_profile_public_release(). */
void cf_profile_public_make(struct cf_profile_public *out,
                            const struct cf_profile_public_from *from);
void cf_profile_public_release(struct cf_profile_public *shown);

#endif

/*
 * The profile of an implementation under test: how to reach it (PIXIT) and what it claims (PICS).
 * docs/profile.md says how one is written.
 *
 * Loaded whole and checked before anything is sent. The secret is read here, kept in memory only,
 * and known everywhere else by its placeholder. What may be shown of a profile, and what its digest
 * covers, is its public text.
 */
#ifndef CF_CASE_PROFILE_H
#define CF_CASE_PROFILE_H

#include "harness/base/list.h"
#include "harness/case/domain.h"
#include "harness/case/profile_public.h"

enum { CF_FIXTURE_KINDS_MAX = 8, CF_FIXTURES_MAX = 1024 };

struct cf_fixture {
    const struct cf_fixture_kind *kind;
    const char *id; /* in the profile's document */
};

struct cf_profile {
    struct cf_json_doc doc;
    char *path;
    const struct cf_vocabulary *vocabulary;
    const cJSON *iut, *pics, *pixit; /* into doc */
    char *base_url;                  /* without a trailing slash */
    bool loopback, tls;
    const char *auth_header;
    struct cf_credential auth;
    const cJSON *headers, *values, *observe_fields, *hooks; /* objects or NULL */
    const char *preset;
    const char *choice; /* the vocabulary's choice_member */
    long settle_timeout_ms, poll_interval_ms, request_timeout_ms;
    long read_lag_ms;     /* how long an accepted operation may take to show on the read side; 0 */
    long operation_ms;    /* how long an accepted update usually takes; 0: not known */
    long read_timeout_ms; /* how long a read that fails is asked again */
    bool idle_tells;      /* what runs nothing has ended what it accepted; no file may say so */
    const char *ca_file, *client_cert_file, *client_key_file; /* NULL where absent */
    bool insecure;
    const char *proxy, *unix_socket; /* NULL where absent */
    bool http2;
    struct cf_fixture *fixtures;
    size_t fixture_count;
    char *source; /* SECRET: what it was parsed from */
    size_t source_len;
    bool sealed; /* the credential is a stand-in */
    struct cf_profile_refs refs;
    struct cf_profile_public shown;
    char sha256[65]; /* of what is shown */
};

/* Load and check. Relative file names in it (secret, TLS, hook commands) are taken from the
 * profile's own folder. Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (FILE:LINE:COLUMN: ...),
 * CF_ELIMIT. out is zeroed on failure. */
CF_MUST_CHECK enum cf_code cf_profile_load(struct cf_profile *out, const char *path,
                                           const struct cf_vocabulary *vocabulary,
                                           struct cf_err *err);
/* The same from memory; name is for messages. */
CF_MUST_CHECK enum cf_code cf_profile_parse(struct cf_profile *out, const char *name,
                                            const char *bytes, size_t len,
                                            const struct cf_vocabulary *vocabulary,
                                            struct cf_err *err);
/* The same for judging what was recorded: neither the environment nor secret or TLS files are
 * looked at, and the credential is a stand-in that fits the length limits and means nothing. */
CF_MUST_CHECK enum cf_code cf_profile_parse_sealed(struct cf_profile *out, const char *name,
                                                   const char *bytes, size_t len,
                                                   const struct cf_vocabulary *vocabulary,
                                                   struct cf_err *err);
void cf_profile_release(struct cf_profile *profile);

/* Whether the profile claims the PICS item. */
bool cf_profile_claims(const struct cf_profile *profile, const char *item);
/* Number of fixtures of a kind. */
size_t cf_profile_fixture_count(const struct cf_profile *profile, const char *kind);
/* The hook's definition, NULL where the profile has none. */
const cJSON *cf_profile_hook(const struct cf_profile *profile, const char *name);
/* The legal values of a field, NULL where there are none: an array of at least two to move between,
 * or, where the field moves up only, of at least one, each reached from those before it. */
const cJSON *cf_profile_values(const struct cf_profile *profile, const char *field);
/* Whether the profile says that the field has none: pixit.values lists it, and lists nothing. */
bool cf_profile_values_none(const struct cf_profile *profile, const char *field);
/* Whether the field moves up only: pixit.values says "upwards". */
bool cf_profile_moves_up(const struct cf_profile *profile, const char *field);
/* Whether the profile, or else its preset, says that the read side never shows what has this
 * name. False for what is read somewhere, and for what nothing is said of. */
bool cf_profile_out_of_sight(const struct cf_profile *profile, const char *name);
/* Add all of those names to a list. */
void cf_profile_list_out_of_sight(const struct cf_profile *profile, struct cf_list *names);
/* path, or path beside the profile when it is relative. Caller frees. */
char *cf_profile_resolve(const struct cf_profile *profile, const char *path);

#endif

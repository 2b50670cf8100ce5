/*
 * What the handlers of a request share: the server's state, the request as they see it, and the
 * answer they fill in. None of it knows the HTTP library, which lives in http.c alone.
 */
#ifndef CF_REF_SERVER_H
#define CF_REF_SERVER_H

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "reference/chain.h"
#include "reference/cvm.h"
#include "reference/setup.h"
#include "reference/switches.h"
#include "reference/witness.h"

enum {
    CF_REF_MANAGED_CVMS = 12,
    CF_REF_CONTRACT_OWNED_CVMS = 12,
    CF_REF_FOREIGN_CVMS = 2,
    CF_REF_GPU_RENTAL_CVMS = 1,
    CF_REF_CVMS = CF_REF_MANAGED_CVMS + CF_REF_CONTRACT_OWNED_CVMS + CF_REF_FOREIGN_CVMS +
                  CF_REF_GPU_RENTAL_CVMS,
    CF_REF_CVMS_MAX = CF_REF_CVMS + 2 * (CF_REF_KIND_MAX - CF_REF_MANAGED_CVMS),
    CF_REF_BODY_MAX_BYTES = 4 << 20
};

enum { CF_REF_GOOD_KEPT = 32 };

/* What only deviations need to know of the past. */
struct cf_ref_server_bugs {
    size_t accepted_count; /* updates accepted so far */
    bool key_seen;         /* a request with a good key */
    bool token_good;       /* the last bearer token was */
    bool tester_asks;      /* the request being answered names this suite as its User-Agent */
    size_t good_count;     /* transactions found good so far */
    char good[CF_REF_GOOD_KEPT][CF_SHA256_HEX]; /* the last of them, a ring */
};

struct cf_ref_server {
    struct cf_ref_switches on;
    uint32_t out_of_sight; /* fields that the read side never shows */
    double operation_ms;
    size_t operations_begun;
    size_t requests_seen; /* by the gateway in front, a liberty */
    double now_ms;        /* of the request being answered */
    struct cf_random random;
    struct cf_ref_chain chain;     /* the simulator */
    struct cf_ref_witness witness; /* what is believed: the simulator, or a node */
    size_t cvm_count;
    struct cf_ref_cvm cvms[CF_REF_CVMS_MAX];
    struct cf_ref_server_bugs bugs;
};

/* Put the fixture in place, with at least so many CVMs of either kind (CF_REF_KIND_MAX at most);
 * the server must be zeroed but for its options. */
void cf_ref_server_init(struct cf_ref_server *server, size_t of_a_kind);
void cf_ref_server_release(struct cf_ref_server *server);

/* Have the contract-owned CVMs belong to these apps, addresses with or without 0x, in turn. */
void cf_ref_server_use_apps(struct cf_ref_server *server, const char *const *app_ids, size_t count);

/* Names and keys of the fixture, the same in every run. number counts from 0 over all CVMs: those
 * that are asked for beyond the usual ones come last, of either kind in turn. */
size_t cf_ref_fixture_number(bool contract_owned, size_t index);
void cf_ref_fixture_id(size_t number, char out_id[CF_REF_ID_HEX]);
enum cf_ref_role cf_ref_fixture_role(size_t number);
enum cf_ref_kms cf_ref_fixture_kms(size_t number);
const char *cf_ref_fixture_key(void);

/* The CVM with this id, up to date; NULL: none. */
struct cf_ref_cvm *cf_ref_server_find(struct cf_ref_server *server, const char *id);

/* Back to the fixture: settings, allow list, nothing running or prepared. */
void cf_ref_server_reset(struct cf_ref_server *server, struct cf_ref_cvm *cvm);

/* A random UUID (RFC 9562, version 4). */
void cf_ref_server_uuid(struct cf_ref_server *server, char out[CF_REF_UUID_TEXT]);

/* How long the operation runs that is about to begin. */
double cf_ref_server_duration(struct cf_ref_server *server);

/* What a handler is told. Header values are NULL where the request has no such header. */
struct cf_ref_request {
    const char *method;
    const char *target; /* as it stood in the request line */
    char cvm_id[256];   /* percent-decoded */
    const char *api_key;
    const char *authorization;
    const char *content_type;
    const char *compose_hash;
    const char *transaction_hash;
    const char *prepare_only;
    const char *version;
    const char *user_agent;
    unsigned connection; /* the peer's port: no two open connections share one */
    const char *body;
    size_t body_len;
    bool resumed; /* asked for a second time, after the answer said `later` */
};

/* Why an answer is what it is, where a deviation may want to know. */
enum cf_ref_reason {
    CF_REF_REASON_OTHER,
    CF_REF_REASON_ACCEPTED,
    CF_REF_REASON_MISSING_KEY,
    CF_REF_REASON_WRONG_KEY,
    CF_REF_REASON_UNKNOWN_CVM,
    CF_REF_REASON_FOREIGN_CVM,
    CF_REF_REASON_GPU_RENTAL,
    CF_REF_REASON_BUSY,
    CF_REF_REASON_INVALID,      /* 422 for members of the body */
    CF_REF_REASON_NO_OBJECT,    /* 422 for a body that is JSON, but no object */
    CF_REF_REASON_NO_BODY,      /* 422, or 400 for a script */
    CF_REF_REASON_NOT_TEXT,     /* 400 for a script */
    CF_REF_REASON_CONTENT_TYPE, /* 400 for a script */
    CF_REF_REASON_MALFORMED,    /* no JSON, or no form */
    CF_REF_REASON_TOO_LARGE,    /* 413, by a bug */
    CF_REF_REASON_QUERY,        /* 400 for a query, by a bug */
    CF_REF_REASON_TERMS,        /* 400 for what the schema lets through */
    CF_REF_REASON_PHASE_1,      /* 465 */
    CF_REF_REASON_HASH,         /* 466 */
    CF_REF_REASON_TRANSACTION,  /* 467 */
    CF_REF_REASON_NOT_ALLOWED,  /* 468 */
    CF_REF_REASON_CHAIN         /* 500 or 503: the chain cannot be asked */
};

struct cf_ref_answer {
    int status;
    enum cf_ref_reason reason;
    const char *content_type; /* static text */
    const char *allow;        /* for 405; NULL otherwise */
    char retry_after[32];     /* the header Retry-After; "": none */
    bool fault_inside_gpus;   /* of a 422 */
    bool foreign_type;        /* of an update refused: its media type is not JSON's */
    bool lacks_part;          /* of a script refused: there was a form, and no script in it */
    bool refused_proof;       /* the request came with proof headers */
    bool replayed;            /* of a 466: the proof was good once */
    struct cf_buf body;
    bool drop;       /* close the connection instead of answering */
    bool later;      /* ask again in a few milliseconds (race deviations) */
    double later_ms; /* or then; 0: no such time */
};

typedef void cf_ref_handler_fn(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer);

#endif

/*
 * One CVM: its settings, the operation that runs on it, the updates that wait for their hash.
 *
 * Invariant: settings are those of the last finished operation; while one runs, what it will change
 * waits in `pending`. cf_ref_cvm_settle() moves time on, and every request calls it first.
 */
#ifndef CF_REF_CVM_H
#define CF_REF_CVM_H

#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "reference/compose.h"
#include "reference/field.h"
#include "reference/switches.h"

enum {
    CF_REF_ID_HEX = 33,
    CF_REF_UUID_TEXT = 37,
    CF_REF_OPERATIONS_KEPT = 32, /* of each CVM, the newest */
    CF_REF_PREPARED_KEPT = 4     /* of each CVM; only the newest is honoured */
};

enum cf_ref_kms { CF_REF_KMS_PHALA, CF_REF_KMS_ETHEREUM, CF_REF_KMS_BASE };
enum cf_ref_role { CF_REF_ROLE_OURS, CF_REF_ROLE_FOREIGN, CF_REF_ROLE_GPU_RENTAL };
/* Whose request it is; also what kind of operation comes of it. */
enum cf_ref_endpoint { CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_ENDPOINT_SCRIPT, CF_REF_ENDPOINT_READ };

struct cf_ref_operation {
    char correlation_id[CF_REF_UUID_TEXT];
    enum cf_ref_endpoint endpoint;
    bool finished;
    bool failed; /* by a bug */
    char started_at[CF_TIMESTAMP_BYTES];
    char finished_at[CF_TIMESTAMP_BYTES];
};

/* What phase 1 leaves behind. */
struct cf_ref_prepared {
    char compose_hash[CF_SHA256_HEX]; /* "": an unused place */
    char token[CF_REF_UUID_TEXT];     /* "": not made by prepare-only */
    enum cf_ref_endpoint endpoint;
    struct cf_ref_update update;
    bool expired;
    bool used;
};

/* What only deviations need to know of a CVM: locks kept or dropped at the wrong time, updates put
 * off, what was asked before, how many requests stand between checking and acting. */
struct cf_ref_cvm_bugs {
    char deployed_hash[CF_SHA256_HEX]; /* the first compose hash of all */
    double locked_until_ms;
    unsigned locked_by; /* the connection of the last update that was taken */
    bool lock_leaked;   /* shown as an operation that runs */
    bool lock_hidden;   /* not shown */
    bool lock_dropped;
    bool operations_fail; /* whatever is asked for ends as failed, and is not made */
    struct cf_ref_update queued;
    double queued_due_ms;
    uint32_t last_fields;
    struct cf_ref_update last_update;
    bool fault_sticks;
    bool proposal_rides;               /* a refused proposal goes along with the next operation */
    size_t upload_count;               /* scripts taken from the endpoint of their own */
    bool raw_upload;                   /* the last one was the whole body, in no form */
    char uploads[2][CF_SHA256_HEX];    /* the last one and the one before */
    char updated[CF_SHA256_HEX];       /* the last script that an update brought */
    char last_proof[CF_SHA256_HEX];    /* the last compose hash that was one */
    char unknown_proof[CF_SHA256_HEX]; /* the last that no phase 1 answered */
    unsigned contenders;
    bool contested;
    struct cf_ref_settings before; /* the texts as they were before the last operation */
};

struct cf_ref_cvm {
    char id[CF_REF_ID_HEX];
    char vm_uuid[CF_REF_UUID_TEXT];
    char name[32];
    char app_id[41];
    enum cf_ref_kms kms;
    enum cf_ref_role role;

    struct cf_ref_settings settings;
    bool hashes_stale; /* the three below are of older settings */
    char compose_hash[CF_SHA256_HEX];
    char docker_compose_hash[CF_SHA256_HEX];
    char script_hash[CF_SHA256_HEX];

    struct cf_ref_operation operations[CF_REF_OPERATIONS_KEPT]; /* a ring */
    size_t operation_count;                                     /* ever begun */
    bool running;
    double ends_ms;
    struct cf_ref_update pending;

    struct cf_ref_cvm_bugs bugs;

    struct cf_ref_prepared prepared[CF_REF_PREPARED_KEPT]; /* a ring */
    size_t prepared_count;                                 /* ever prepared */
};

/* Everything the CVM owns; accepts a zeroed one. */
void cf_ref_cvm_release(struct cf_ref_cvm *cvm);

/* The operation begun n before the newest, n = 0 for the newest; NULL past those kept. */
struct cf_ref_operation *cf_ref_cvm_operation(struct cf_ref_cvm *cvm, size_t n);

/* Start an operation that changes what update says, at now_ms, for duration_ms; the update is empty
 * afterwards. Returns the operation, whose correlation id the caller fills in. */
struct cf_ref_operation *cf_ref_cvm_begin(struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                                          struct cf_ref_update *update, double now_ms,
                                          double duration_ms);

/* Make an update (emptied) at once, without an operation: no conforming path does. */
void cf_ref_cvm_change(struct cf_ref_cvm *cvm, struct cf_ref_update *update);

/* Whether the CVM says that an operation runs on it. */
bool cf_ref_cvm_looks_busy(const struct cf_ref_cvm *cvm);

/* End the running operation if its time is up. */
void cf_ref_cvm_settle(struct cf_ref_cvm *cvm, double now_ms);

/* Bring the three hashes up to date with the settings. */
void cf_ref_cvm_rehash(struct cf_ref_cvm *cvm);

/* Remember an update under its hash, superseding the one before; the update is empty afterwards. */
struct cf_ref_prepared *cf_ref_cvm_prepare(struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                                           const char *compose_hash, struct cf_ref_update *update);

/* Make every prepared update as good as used. */
void cf_ref_cvm_forget_prepared(struct cf_ref_cvm *cvm);

/* The update prepared n before the newest; NULL past those kept. */
struct cf_ref_prepared *cf_ref_cvm_prepared(struct cf_ref_cvm *cvm, size_t n);

/* Whether an update prepared under this hash, of those kept, was committed. */
bool cf_ref_cvm_committed(struct cf_ref_cvm *cvm, const char *compose_hash);

#endif

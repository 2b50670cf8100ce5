#include "reference/phases_bugs.h"
#include "reference/answer.h"
#include "reference/hash_drafts.h"
#include "reference/rules.h"
#include "reference/spoil.h"

#include <stdio.h>
#include <string.h>

/* ---- the tables ---- */

enum point {
    MISJUDGED,  /* phases for the wrong CVMs */
    BLIND,      /* value: fields that the hash does not see */
    INSISTENT,  /* a new hash for nothing */
    EARLY,      /* value: fields applied at phase 1 */
    TOKEN_LOST, /* no token for prepare-only */
    TOKEN_FREE, /* a token for everybody */
    ADDED,      /* value: fields of phase 2's body that are committed too */
    FORGOTTEN,  /* value: fields that phase 2 does not commit */
    STATUS,     /* value: the status of an accepted update */
    NAMELESS    /* the answer has no correlation id */
};

/* Circumstances: of the CVM and the request, then of the update. */
enum {
    BY_SCRIPT = 1,
    MANAGED = 1 << 1,
    ON_ETHEREUM = 1 << 2,
    ON_BASE = 1 << 3,
    COMMITTED_BEFORE = 1 << 4,
    PREPARE_ONLY = 1 << 5,
    BY_TOKEN = 1 << 6,
    PREPARED_BY_SCRIPT = 1 << 7,
    AT_COMMIT = 1 << 8,
    HAS_COMPOSE = 1 << 9,
    HAS_SIZES = 1 << 10,
    HAS_SECRETS = 1 << 11,
    HAS_IMAGE = 1 << 12,
    ONLY_SIZES = 1 << 13,
    ONLY_IMAGE = 1 << 14,
    EMPTY_ENVS = 1 << 15,
    EMPTY_SCRIPT = 1 << 16,
    AWAITING = 1 << 17,
    SCRIPT_AFTER_SCRIPT = 1 << 18, /* and nothing else, while that one awaits its proof */
    HAS_FILE = 1 << 19,
    RAW_SCRIPT = 1 << 20 /* the whole body is the script */
};

#define ENVS CF_REF_BIT_OF(ALLOWED_ENVS)

/* How an empty list of GPUs is kept. */
#define NO_GPUS "{\"gpus\":[],\"attach_mode\":\"listed\"}"
#define ALL_GPUS "{\"gpus\":[],\"attach_mode\":\"all\"}"

static const struct cf_ref_rule rows[] = {
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FOR_MANAGED, MISJUDGED, .when = MANAGED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FOR_MANAGED_SCRIPT, MISJUDGED, .when = MANAGED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_UNPHASED, MISJUDGED, .when = BY_SCRIPT,
               .unless = MANAGED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_RAW_SCRIPT_UNPHASED, MISJUDGED, .when = BY_SCRIPT | RAW_SCRIPT,
               .unless = MANAGED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ONCE_ONLY, MISJUDGED, .when = COMMITTED_BEFORE,
               .unless = MANAGED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SECOND_UNPHASED, MISJUDGED, .when = AWAITING,
               .unless = MANAGED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SECOND_SCRIPT_UNPHASED, MISJUDGED, .when = SCRIPT_AFTER_SCRIPT,
               .unless = MANAGED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ETHEREUM_UNPHASED, MISJUDGED, .when = ON_ETHEREUM),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_BASE_UNPHASED, MISJUDGED, .when = ON_BASE),

    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMPOSE_FILE_UNPHASED, BLIND,
               .value = CF_REF_BIT_OF(DOCKER_COMPOSE_FILE)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_MEMBER_UNPHASED, BLIND, .unless = BY_SCRIPT,
               .value = CF_REF_BIT_OF(PRE_LAUNCH_SCRIPT)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_NO_ENVS_UNPHASED, BLIND, .when = EMPTY_ENVS, .value = ENVS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_EMPTIED_UNPHASED, BLIND, .when = EMPTY_SCRIPT,
               .value = CF_REF_BIT_OF(PRE_LAUNCH_SCRIPT)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FLAGS_UNPHASED, BLIND, .value = CF_REF_FLAG_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_TCBINFO_UNPHASED, BLIND,
               .value = CF_REF_BIT_OF(PUBLIC_TCBINFO)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ENVS_UNPHASED, BLIND, .value = ENVS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_BESIDE_FILE_UNHASHED, BLIND, .when = HAS_FILE,
               .value = CF_REF_BIT_OF(PRE_LAUNCH_SCRIPT)),
    CF_REF_ROW(CF_REF_VAR_FILES_ONLY_HASHED, BLIND, .value = CF_REF_FLAG_FIELDS | ENVS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_MIXED_UNPHASED, BLIND, .when = HAS_SIZES,
               .value = CF_REF_COMPOSE_FIELDS),

    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FOR_EVERYTHING, INSISTENT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FOR_ENCRYPTED_ENV, INSISTENT, .when = HAS_SECRETS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FOR_IMAGE, INSISTENT, .when = HAS_IMAGE),
    CF_REF_ROW(CF_REF_VAR_UNCHANGED_NEEDS_PHASES, INSISTENT, .when = HAS_COMPOSE),

    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ALL_APPLIED, EARLY, .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_PREPARE_APPLIES, EARLY, .when = PREPARE_ONLY, .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_APPLIED, EARLY, .when = BY_SCRIPT,
               .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_PREPARE_RESOURCES_APPLIED, EARLY, .when = PREPARE_ONLY,
               .value = CF_REF_BIT_OF(IMAGE) | CF_REF_BIT_OF(GPUS)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ENVS_APPLIED, EARLY, .value = ENVS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_FLAGS_APPLIED, EARLY, .value = CF_REF_FLAG_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SYSINFO_APPLIED, EARLY, .when = HAS_FILE,
               .value = CF_REF_BIT_OF(PUBLIC_SYSINFO)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REST_APPLIED, EARLY,
               .value = CF_REF_ALL_FIELDS & ~CF_REF_COMPOSE_FIELDS),

    CF_REF_ROW(CF_REF_DEV_PREPARE_TOKEN_MISSING, TOKEN_LOST),
    CF_REF_ROW(CF_REF_DEV_PREPARE_ALWAYS, TOKEN_FREE),

    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_ADDS_BODY, ADDED, .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_ADDS_FLAGS, ADDED, .value = CF_REF_FLAG_FIELDS | ENVS),

    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_NOTHING, FORGOTTEN, .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_NOTHING, FORGOTTEN, .when = BY_TOKEN,
               .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_COMMIT_NOTHING, FORGOTTEN, .when = PREPARED_BY_SCRIPT,
               .value = CF_REF_ALL_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_COMPOSE_ONLY, FORGOTTEN,
               .value = CF_REF_ALL_FIELDS & ~CF_REF_COMPOSE_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_FLAGS, FORGOTTEN,
               .value = CF_REF_FLAG_FIELDS | ENVS),

    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_FORGETS_SHUTDOWN, FORGOTTEN, .when = BY_TOKEN,
               .value = CF_REF_BIT_OF(SHUTDOWN_TIMEOUT) | CF_REF_BIT_OF(ALLOW_FORCE_STOP)),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_FORGETS_FLAGS, FORGOTTEN, .when = BY_TOKEN,
               .value = CF_REF_FLAG_FIELDS | ENVS),

    CF_REF_ROW(CF_REF_DEV_ACCEPTED_RESIZE_200, STATUS, .when = ONLY_SIZES, .value = 200),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_200, STATUS, .when = AT_COMMIT, .value = 200),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_IMAGE_ID_MISSING, NAMELESS, .when = ONLY_IMAGE),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMIT_ID_MISSING, NAMELESS, .when = AT_COMMIT),
};

static const struct cf_ref_rules rules = CF_REF_RULES(rows);

static bool hits(const struct cf_ref_switches *on, enum point point, uint32_t facts)
{
    return cf_ref_rule(on, &rules, (int)point, facts) != NULL;
}

static uint32_t facts_of_fields(uint32_t fields)
{
    uint32_t facts = (fields & CF_REF_COMPOSE_FIELDS) ? HAS_COMPOSE : 0U;
    facts |= (fields & CF_REF_SIZE_FIELDS) ? HAS_SIZES : 0U;
    facts |= (fields & CF_REF_BIT_OF(ENCRYPTED_ENV)) ? HAS_SECRETS : 0U;
    facts |= (fields & CF_REF_BIT_OF(IMAGE)) ? HAS_IMAGE : 0U;
    facts |= fields != 0 && !(fields & ~CF_REF_SIZE_FIELDS) ? ONLY_SIZES : 0U;
    facts |= fields == CF_REF_BIT_OF(IMAGE) ? ONLY_IMAGE : 0U;
    return facts;
}

static uint32_t facts_of_update(const struct cf_ref_update *update)
{
    uint32_t facts = facts_of_fields(update->present);
    const struct cf_ref_value *to = update->to.of;
    facts |= cf_ref_value_is(&to[CF_REF_FIELD_ALLOWED_ENVS], "[]") ? EMPTY_ENVS : 0U;
    facts |= cf_ref_value_is(&to[CF_REF_FIELD_PRE_LAUNCH_SCRIPT], "") ? EMPTY_SCRIPT : 0U;
    return facts;
}

static uint32_t fact_of_endpoint(enum cf_ref_endpoint endpoint)
{
    return endpoint == CF_REF_ENDPOINT_SCRIPT ? BY_SCRIPT : 0U;
}

/* Forget in the answer to an accepted update what a bug forgets, or give it another number. */
static void spoil_answer(struct cf_ref_server *server, uint32_t facts, struct cf_ref_answer *answer)
{
    const struct cf_ref_rule *status = cf_ref_rule(&server->on, &rules, STATUS, facts);
    if (hits(&server->on, NAMELESS, facts))
        cf_ref_answer_accepted(server, CF_REF_ENDPOINT_UPDATE_CVM, NULL, answer);
    if (status)
        answer->status = (int)status->value;
    if ((facts & AT_COMMIT) && cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_COMMIT_TEXT))
        answer->content_type = "text/plain";
}

/* ---- the id of an operation ---- */

typedef void name_fn(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                     const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT]);

static void name_short(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                       const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    char hex[11];
    (void)cvm;
    (void)update;
    cf_random_hex(&server->random, hex, sizeof(hex) - 1);
    snprintf(out, CF_REF_UUID_TEXT, "op-%s", hex);
}

static void name_by_cvm(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                        const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    (void)server;
    (void)update;
    memcpy(out, cvm->vm_uuid, CF_REF_UUID_TEXT);
}

static void name_by_count(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    (void)server;
    (void)update;
    snprintf(out, CF_REF_UUID_TEXT, "%zu", cvm->operation_count + 1);
}

static void name_in_turn(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    (void)cvm;
    (void)update;
    snprintf(out, CF_REF_UUID_TEXT, "op-%zu", server->bugs.accepted_count % 7);
}

static void name_by_clock(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    (void)cvm;
    (void)update;
    snprintf(out, CF_REF_UUID_TEXT, "op-%.0f", server->now_ms / 1000);
}

static void name_by_update(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    char hex[CF_SHA256_HEX];
    (void)server;
    cf_ref_compose_hash(cvm->id, &update->to, NULL, hex);
    snprintf(out, CF_REF_UUID_TEXT, "%.16s-%x", hex, (unsigned)update->present);
}

static const struct {
    enum cf_ref_id id;
    name_fn *name;
} namings[] = {
    {CF_REF_VAR_SHORT_CORRELATION_IDS, name_short},
    {CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_CVM, name_by_cvm},
    {CF_REF_DEV_ACCEPTED_CORRELATION_ID_COUNTED, name_by_count},
    {CF_REF_DEV_ACCEPTED_CORRELATION_ID_IN_TURN, name_in_turn},
    {CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_CLOCK, name_by_clock},
    {CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_UPDATE, name_by_update},
};

void cf_ref_phases_rename(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const struct cf_ref_update *update, char id[CF_REF_UUID_TEXT])
{
    for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
        if (cf_ref_has(&server->on, namings[i].id))
            namings[i].name(server, cvm, update, id);
    }
}

/* ---- taking an update ---- */

/* One field of the update is stored in all our CVMs, or in all that a contract owns. */
static void share(struct cf_ref_server *server, const struct cf_ref_update *update,
                  enum cf_ref_field field, bool contract_owned_only)
{
    const struct cf_ref_value *value = &update->to.of[field];
    if (!cf_ref_update_has(update, field))
        return;
    for (size_t i = 0; i < server->cvm_count; i++) {
        struct cf_ref_cvm *cvm = &server->cvms[i];
        if (cvm->role != CF_REF_ROLE_OURS || (contract_owned_only && cvm->kms == CF_REF_KMS_PHALA))
            continue;
        cf_ref_value_set(&cvm->settings.of[field], value->bytes, value->len);
        cvm->hashes_stale = true;
    }
}

static bool is_stale_upload(const struct cf_ref_switches *on, const struct cf_ref_cvm_bugs *bugs,
                            const char *hash)
{
    return (bugs->upload_count > 0 && cf_ref_has(on, CF_REF_DEV_SCRIPT_SECOND_IGNORED)) ||
           (strcmp(hash, bugs->uploads[0]) == 0 &&
            cf_ref_has(on, CF_REF_DEV_SCRIPT_SAME_AGAIN_IGNORED)) ||
           (strcmp(hash, bugs->uploads[1]) == 0 &&
            cf_ref_has(on, CF_REF_DEV_SCRIPT_RETURN_IGNORED));
}

/* Bugs that go by which scripts were uploaded before. */
static void note_upload(const struct cf_ref_switches *on, struct cf_ref_cvm_bugs *bugs,
                        struct cf_ref_update *update)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    char hash[CF_SHA256_HEX];
    cf_sha256_hex(script->bytes, script->len, hash);
    if (is_stale_upload(on, bugs, hash))
        cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
    memcpy(bugs->uploads[1], bugs->uploads[0], CF_SHA256_HEX);
    memcpy(bugs->uploads[0], hash, CF_SHA256_HEX);
    bugs->upload_count++;
}

/* Bugs that compare what is asked with what is believed to be in force. */
static void skip_the_same(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                          struct cf_ref_update *update)
{
    const struct cf_ref_settings *asked = &update->to;
    if (cf_ref_update_has(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT)) {
        const struct cf_ref_value *script = &asked->of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
        char hash[CF_SHA256_HEX];
        cf_sha256_hex(script->bytes, script->len, hash);
        if (cf_ref_has(on, CF_REF_DEV_PARTIAL_SCRIPT_OF_CACHE) &&
            strcmp(hash, cvm->bugs.updated) == 0)
            cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
        memcpy(cvm->bugs.updated, hash, CF_SHA256_HEX);
    }
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_SAME_COMPOSE_ENDS) &&
        cf_ref_update_has(update, CF_REF_FIELD_DOCKER_COMPOSE_FILE) &&
        cf_ref_value_is(&asked->of[CF_REF_FIELD_DOCKER_COMPOSE_FILE],
                        cvm->settings.of[CF_REF_FIELD_DOCKER_COMPOSE_FILE].bytes))
        cf_ref_update_release(update);
}

static bool same_content(const struct cf_ref_update *a, const struct cf_ref_update *b)
{
    bool same = a->present == b->present;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && same; i++) {
        const struct cf_ref_value *x = &a->to.of[i];
        const struct cf_ref_value *y = &b->to.of[i];
        same = x->len == y->len && (x->len == 0 || memcmp(x->bytes, y->bytes, x->len) == 0);
    }
    return same;
}

/* Bugs that compare what is asked with what the update before asked. */
static void skip_a_retry(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                         struct cf_ref_update *update)
{
    bool drops = cf_ref_has(on, CF_REF_DEV_PARTIAL_SAME_BODY_DROPPED);
    if (drops && same_content(update, &cvm->bugs.last_update))
        cf_ref_update_release(update);
    else if (drops)
        cf_ref_update_copy(&cvm->bugs.last_update, update);
}

static void delay_or_skip(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                          enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    const struct cf_ref_switches *on = &server->on;
    uint32_t fields = update->present;
    if (endpoint == CF_REF_ENDPOINT_UPDATE_CVM && fields != 0) {
        if (fields == cvm->bugs.last_fields &&
            cf_ref_has(on, CF_REF_DEV_PARTIAL_SAME_FIELDS_SKIPPED))
            cf_ref_update_release(update);
        cvm->bugs.last_fields = fields;
        skip_a_retry(on, cvm, update);
        skip_the_same(on, cvm, update);
    }
    if (endpoint == CF_REF_ENDPOINT_SCRIPT &&
        cf_ref_update_has(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT))
        note_upload(on, &cvm->bugs, update);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_APPLIED_LATE)) {
        cf_ref_update_release(&cvm->bugs.queued);
        cvm->bugs.queued = *update;
        cvm->bugs.queued_due_ms = server->now_ms + server->operation_ms + 300;
        *update = (struct cf_ref_update){0};
    }
}

/* What was prepared and refused is still in the session that the next update saves. */
static void take_along(struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(cvm, 0);
    if (newest && cvm->bugs.proposal_rides)
        cf_ref_update_add(update, &newest->update, ~update->present);
    cvm->bugs.proposal_rides = false;
}

void cf_ref_phases_spoil_update(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    take_along(cvm, update);
    if (cf_ref_has(&server->on, CF_REF_DEV_CONFLICT_USER_CONFIG_SHARED))
        share(server, update, CF_REF_FIELD_USER_CONFIG, false);
    if (cf_ref_has(&server->on, CF_REF_DEV_CONFLICT_ENCRYPTED_ENV_SHARED))
        share(server, update, CF_REF_FIELD_ENCRYPTED_ENV, false);
    delay_or_skip(server, cvm, endpoint, update);
}

void cf_ref_phases_spoil_accepted(struct cf_ref_server *server, struct cf_ref_operation *operation,
                                  uint32_t asked, struct cf_ref_answer *answer)
{
    if (cf_ref_has(&server->on, CF_REF_DEV_ACCEPTED_OPERATION_UNLISTED))
        cf_ref_server_uuid(server, operation->correlation_id);
    server->bugs.accepted_count++;
    spoil_answer(server, facts_of_fields(asked), answer);
}

/* ---- phase 1 ---- */

static bool was_committed_to(struct cf_ref_cvm *cvm)
{
    const struct cf_ref_prepared *prepared = NULL;
    for (size_t n = 0; (prepared = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (prepared->used)
            return true;
    }
    return false;
}

static bool awaits_proof(struct cf_ref_cvm *cvm)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(cvm, 0);
    return newest && !newest->used;
}

static bool is_script_after_script(struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(cvm, 0);
    uint32_t script = CF_REF_BIT_OF(PRE_LAUNCH_SCRIPT);
    return awaits_proof(cvm) && newest->update.present == script && update->present == script;
}

bool cf_ref_phases_misjudges(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                             enum cf_ref_endpoint endpoint, const struct cf_ref_update *update)
{
    static const uint32_t of_kms[] = {[CF_REF_KMS_PHALA] = MANAGED,
                                      [CF_REF_KMS_ETHEREUM] = ON_ETHEREUM,
                                      [CF_REF_KMS_BASE] = ON_BASE};
    uint32_t facts = of_kms[cvm->kms] | fact_of_endpoint(endpoint);
    facts |= awaits_proof(cvm) ? AWAITING : 0U;
    facts |= cvm->bugs.raw_upload ? RAW_SCRIPT : 0U;
    facts |= is_script_after_script(cvm, update) ? SCRIPT_AFTER_SCRIPT : 0U;
    return hits(on, MISJUDGED, facts | (was_committed_to(cvm) ? COMMITTED_BEFORE : 0U));
}

uint32_t cf_ref_phases_blind(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                             const struct cf_ref_update *update)
{
    uint32_t facts = facts_of_update(update) | fact_of_endpoint(endpoint);
    facts |= cf_ref_update_has(update, CF_REF_FIELD_DOCKER_COMPOSE_FILE) ? HAS_FILE : 0U;
    return cf_ref_rules_mask(on, &rules, BLIND, facts);
}

bool cf_ref_phases_insists(const struct cf_ref_switches *on, const struct cf_ref_update *update)
{
    return hits(on, INSISTENT, facts_of_fields(update->present));
}

void cf_ref_phases_spoil_shown_hash(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                                    char hash[CF_SHA256_HEX])
{
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SHOWN_HASH_STALE))
        memcpy(hash, cvm->bugs.deployed_hash, CF_SHA256_HEX);
    else
        cf_ref_draft_hash(on, cvm, NULL, hash);
}

void cf_ref_phases_spoil_hash(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                              const struct cf_ref_update *update, char hash[CF_SHA256_HEX])
{
    const struct cf_ref_switches *on = &server->on;
    bool of_cvm = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_OF_CVM);
    char text[256];
    char salt[CF_REF_UUID_TEXT] = "";
    cf_ref_draft_hash(on, cvm, update, hash);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_SALTED) ||
        cf_ref_has(on, CF_REF_VAR_HASHES_ARE_NAMES))
        cf_ref_server_uuid(server, salt);
    else if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_BY_ORDER))
        snprintf(salt, sizeof(salt), "%x", (unsigned)update->order);
    else if (!of_cvm)
        return;
    snprintf(text, sizeof(text), "%s %s %s", cvm->id, salt, of_cvm ? "" : hash);
    cf_sha256_hex(text, strlen(text), hash);
}

/* The fields outside the compose document that the update empties. */
static uint32_t emptied(const struct cf_ref_update *update)
{
    uint32_t found = 0;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        const struct cf_ref_value *value = &update->to.of[i];
        if (cf_ref_value_is(value, "") || cf_ref_value_is(value, "null"))
            found |= CF_REF_BIT(i);
    }
    return found & ~CF_REF_COMPOSE_FIELDS;
}

void cf_ref_phases_spoil_proposal(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                                  enum cf_ref_endpoint endpoint, bool prepare_only,
                                  struct cf_ref_update *update)
{
    struct cf_ref_update early = {0};
    uint32_t facts = fact_of_endpoint(endpoint) | (prepare_only ? PREPARE_ONLY : 0U);
    facts |= cf_ref_update_has(update, CF_REF_FIELD_DOCKER_COMPOSE_FILE) ? HAS_FILE : 0U;
    cf_ref_update_add(&early, update, cf_ref_rules_mask(on, &rules, EARLY, facts));
    if (early.present != 0)
        cf_ref_cvm_change(cvm, &early);
    cf_ref_update_release(&early);
    const struct cf_ref_update now = {.present = CF_REF_ALL_FIELDS, .to = cvm->settings};
    uint32_t kept = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_SNAPSHOT) ? CF_REF_ALL_FIELDS : 0U;
    if (endpoint == CF_REF_ENDPOINT_SCRIPT &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_COMMIT_SNAPSHOT))
        kept = CF_REF_ALL_FIELDS;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_OLD_SHUTDOWN))
        kept |= CF_REF_BIT_OF(SHUTDOWN_TIMEOUT) | CF_REF_BIT_OF(ALLOW_FORCE_STOP);
    cf_ref_update_add(update, &now, kept & ~update->present); /* now borrows the settings */
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_EMPTY))
        cf_ref_update_drop_all(update, emptied(update));
    if (cf_ref_value_is(&update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT], "") &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_NO_SCRIPT))
        cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
    if (cf_ref_value_is(&update->to.of[CF_REF_FIELD_ENCRYPTED_ENV], "") &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_NO_SECRETS))
        cf_ref_update_drop(update, CF_REF_FIELD_ENCRYPTED_ENV);
    if (cf_ref_value_is(&update->to.of[CF_REF_FIELD_ALLOWED_ENVS], "[]") &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_NO_ENVS))
        cf_ref_update_drop(update, CF_REF_FIELD_ALLOWED_ENVS);
    if (cf_ref_value_is(&update->to.of[CF_REF_FIELD_GPUS], NO_GPUS) &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_NO_GPUS))
        cf_ref_update_drop(update, CF_REF_FIELD_GPUS);
    if (cf_ref_value_is(&update->to.of[CF_REF_FIELD_GPUS], ALL_GPUS) &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_ALL_GPUS))
        cf_ref_update_drop(update, CF_REF_FIELD_GPUS);
}

/* Another CVM's proposal of the same content is found, and taken over. */
static void take_place_of_same(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                               const struct cf_ref_prepared *prepared)
{
    for (size_t i = 0; i < server->cvm_count; i++) {
        struct cf_ref_prepared *other = cf_ref_cvm_prepared(&server->cvms[i], 0);
        if (&server->cvms[i] != cvm && other && same_content(&other->update, &prepared->update))
            other->used = true;
    }
}

/* The proposal before leads to the same hash: it stays, or both become one. */
static void mix_with_older(struct cf_ref_cvm *cvm, bool keep_older,
                           struct cf_ref_prepared *prepared)
{
    const struct cf_ref_prepared *older = cf_ref_cvm_prepared(cvm, 1);
    if (!older || older->used || strcmp(older->compose_hash, prepared->compose_hash) != 0)
        return;
    if (keep_older)
        cf_ref_update_copy(&prepared->update, &older->update);
    else
        cf_ref_update_add(&prepared->update, &older->update, ~prepared->update.present);
}

void cf_ref_phases_spoil_prepared(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  struct cf_ref_prepared *prepared)
{
    const struct cf_ref_switches *on = &server->on;
    bool keep_older = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FIRST_OF_HASH_KEPT);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SAME_CONTENT_SHARED))
        take_place_of_same(server, cvm, prepared);
    if (keep_older || cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SAME_HASH_MERGED))
        mix_with_older(cvm, keep_older, prepared);
}

void cf_ref_phases_spoil_token(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                               bool prepare_only, struct cf_ref_prepared *prepared)
{
    const struct cf_ref_switches *on = &server->on;
    const char *hash = prepared->compose_hash;
    if (hits(on, TOKEN_LOST, 0))
        prepared->token[0] = '\0';
    if (!prepare_only && hits(on, TOKEN_FREE, 0))
        cf_ref_server_uuid(server, prepared->token);
    if (prepared->token[0] == '\0')
        return;
    if (cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_OF_CVM))
        memcpy(prepared->token, cvm->vm_uuid, sizeof(prepared->token));
    if (cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_CONSTANT))
        memcpy(prepared->token, server->cvms[0].vm_uuid, sizeof(prepared->token));
    if (cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_OF_HASH))
        snprintf(prepared->token, sizeof(prepared->token), "%.8s-%.4s-4%.3s-8%.3s-%.12s", hash,
                 hash + 8, hash + 12, hash + 16, hash + 20);
}

/* ---- phase 2 ---- */

static void lose_products(struct cf_ref_value *gpus)
{
    struct cf_json_doc doc = {0};
    struct cf_buf text = {0};
    if (!gpus->bytes)
        return;
    const cJSON *gpu;
    cJSON_ArrayForEach(gpu, cf_json_get(cf_ref_value_parse(gpus, &doc), "gpus"))
    {
        cJSON_SetValuestring(cJSON_GetObjectItemCaseSensitive(gpu, "product_id"), "");
    }
    cf_json_print(&text, doc.root);
    cf_ref_value_set(gpus, text.data, text.len);
    cf_buf_release(&text);
    cf_json_release(&doc);
}

void cf_ref_phases_spoil_commit(const struct cf_ref_switches *on,
                                const struct cf_ref_prepared *prepared,
                                const struct cf_ref_proof *proof, const struct cf_ref_update *body,
                                struct cf_ref_update *update)
{
    uint32_t facts = proof->token ? BY_TOKEN : 0U;
    if (prepared && prepared->endpoint == CF_REF_ENDPOINT_SCRIPT)
        facts |= PREPARED_BY_SCRIPT;
    if (!proof->token && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_BODY))
        cf_ref_update_copy(update, body);
    cf_ref_update_add(update, body, cf_ref_rules_mask(on, &rules, ADDED, facts));
    cf_ref_update_drop_all(update, cf_ref_rules_mask(on, &rules, FORGOTTEN, facts));
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_LOSES_PRODUCT))
        lose_products(&update->to.of[CF_REF_FIELD_GPUS]);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_CONFIG_ASCII))
        cf_ref_spoil_to_ascii(&update->to.of[CF_REF_FIELD_USER_CONFIG]);
}

void cf_ref_phases_spoil_committed(struct cf_ref_server *server,
                                   const struct cf_ref_prepared *prepared,
                                   struct cf_ref_answer *answer)
{
    if (prepared && cf_ref_has(&server->on, CF_REF_DEV_CONFLICT_COMMIT_SHARED))
        share(server, &prepared->update, CF_REF_FIELD_DOCKER_COMPOSE_FILE, true);
    spoil_answer(server, AT_COMMIT, answer);
}

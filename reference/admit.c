#include "reference/admit.h"
#include "reference/rules.h"

#include <string.h>
#include <strings.h>

/* ---- which checks bugs leave out ---- */

enum point { KEY, WRONG_KEY, WORKSPACE, RENTAL, EXISTENCE };

enum {
    BY_SCRIPT = 1,               /* at the pre-launch-script endpoint */
    BY_UPDATE = 1 << 1,          /* at update-cvm */
    BY_BEARER = 1 << 2,          /* the key stands in Authorization */
    PROVEN = 1 << 3,             /* the request names the update that its CVM prepared last */
    SEEN_BEFORE = 1 << 4,        /* somebody has sent a good key */
    BEGINNING_OF_KEY = 1 << 5,   /* what was sent is how the good key begins */
    BEGINS_WITH_KEY = 1 << 6,    /* what was sent begins with the good key */
    KEY_BUT_FOR_CASE = 1 << 7,   /* what was sent is the good key in other letters */
    KEY_BUT_FOR_BLANKS = 1 << 8, /* what was sent is the good key with blanks in it */
    PHASE_1 = 1 << 9,            /* a change that a contract has to allow first */
    KEY_BUT_FOR_END = 1 << 10,   /* what was sent is as long as the good key, and begins so */
    WITH_ANOTHER = 1 << 11,      /* a key stands beside an Authorization of whatever scheme */
    NULL_WORD = 1 << 12,         /* what was sent is what scripts print for nothing */
    SMALL_SCHEME = 1 << 13,      /* the token stands behind "bearer" */
    OTHER_SCHEME = 1 << 14,      /* the Authorization is of a scheme that is not known */
    WILDCARD = 1 << 15,          /* what was sent stands for any text in SQL */
    PATTERN = 1 << 16,           /* what was sent stands for any text in a regular expression */
    BEHIND_A_GOOD_ONE = 1 << 17  /* it is not Bearer, and that of the request before was good */
};

static const struct cf_ref_rule rows[] = {
    CF_REF_ROW(CF_REF_DEV_AUTH_SCRIPT_UNCHECKED, KEY, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_AUTH_SCRIPT_UNCHECKED, WRONG_KEY, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_AUTH_PHASE_1_OPEN, KEY, .when = PHASE_1),
    CF_REF_ROW(CF_REF_DEV_AUTH_PROOF_SUFFICES, KEY, .when = PROVEN),
    CF_REF_ROW(CF_REF_DEV_AUTH_REMEMBERS_CALLER, KEY, .when = SEEN_BEFORE),
    CF_REF_ROW(CF_REF_DEV_AUTH_MISSING_ACCEPTED, KEY, .when = BY_UPDATE),
    CF_REF_ROW(CF_REF_DEV_AUTH_ANY_BEARER_ACCEPTED, WRONG_KEY, .when = BY_BEARER),
    CF_REF_ROW(CF_REF_DEV_AUTH_ANY_KEY_ACCEPTED, WRONG_KEY),
    CF_REF_ROW(CF_REF_DEV_AUTH_SCRIPT_ANY_KEY_ACCEPTED, WRONG_KEY, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_AUTH_KEY_PREFIX_ACCEPTED, WRONG_KEY, .when = BEGINNING_OF_KEY),
    CF_REF_ROW(CF_REF_DEV_AUTH_KEY_TAIL_IGNORED, WRONG_KEY, .when = BEGINS_WITH_KEY),
    CF_REF_ROW(CF_REF_DEV_AUTH_KEY_END_IGNORED, WRONG_KEY, .when = KEY_BUT_FOR_END),
    CF_REF_ROW(CF_REF_DEV_AUTH_KEY_BLANKS_IGNORED, WRONG_KEY, .when = KEY_BUT_FOR_BLANKS),
    CF_REF_ROW(CF_REF_DEV_AUTH_TWO_WRONG_ACCEPTED, WRONG_KEY, .when = WITH_ANOTHER),
    CF_REF_ROW(CF_REF_DEV_AUTH_NULL_ACCEPTED, WRONG_KEY, .when = NULL_WORD),
    CF_REF_ROW(CF_REF_DEV_AUTH_SMALL_BEARER_ACCEPTED, WRONG_KEY, .when = SMALL_SCHEME),
    CF_REF_ROW(CF_REF_DEV_AUTH_OTHER_SCHEME_ACCEPTED, KEY, .when = OTHER_SCHEME),
    CF_REF_ROW(CF_REF_DEV_AUTH_WILDCARD_ACCEPTED, WRONG_KEY, .when = WILDCARD),
    CF_REF_ROW(CF_REF_DEV_AUTH_PATTERN_ACCEPTED, WRONG_KEY, .when = PATTERN),
    CF_REF_ROW(CF_REF_DEV_AUTH_TOKEN_STAYS, KEY, .when = BEHIND_A_GOOD_ONE),
    CF_REF_ROW(CF_REF_DEV_AUTH_KEY_ANY_CASE, WRONG_KEY, .when = KEY_BUT_FOR_CASE),
    CF_REF_ROW(CF_REF_DEV_AUTH_FOREIGN_ACCEPTED, WORKSPACE),
    CF_REF_ROW(CF_REF_DEV_AUTH_SCRIPT_FOREIGN_ACCEPTED, WORKSPACE, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_AUTH_BEARER_FOREIGN_ACCEPTED, WORKSPACE, .when = BY_BEARER),
    CF_REF_ROW(CF_REF_DEV_AUTH_GPU_RENTAL_ACCEPTED, RENTAL),
    CF_REF_ROW(CF_REF_DEV_AUTH_UNKNOWN_ACCEPTED, EXISTENCE),
};

static bool skips(const struct cf_ref_switches *on, enum point check, uint32_t facts)
{
    static const struct cf_ref_rules rules = CF_REF_RULES(rows);
    return cf_ref_rule(on, &rules, (int)check, facts) != NULL;
}

static uint32_t facts_of_endpoint(enum cf_ref_endpoint endpoint)
{
    static const uint32_t facts[] = {[CF_REF_ENDPOINT_UPDATE_CVM] = BY_UPDATE,
                                     [CF_REF_ENDPOINT_SCRIPT] = BY_SCRIPT,
                                     [CF_REF_ENDPOINT_READ] = 0};
    return facts[endpoint];
}

/* ---- credentials ---- */

static bool differs_by_blanks(const char *text, const char *key)
{
    for (; *text && (*text == ' ' || *text == *key); text++)
        key += *text == *key;
    return *text == '\0' && *key == '\0';
}

static bool differs_at_end(const char *text, const char *key)
{
    enum { BEGINNING = 8 };
    return strlen(text) == strlen(key) && strncmp(text, key, BEGINNING) == 0;
}

static uint32_t facts_of_key(const char *text)
{
    const char *key = cf_ref_fixture_key();
    uint32_t facts = strncmp(text, key, strlen(text)) == 0 ? BEGINNING_OF_KEY : 0U;
    facts |= strcasecmp(text, key) == 0 ? KEY_BUT_FOR_CASE : 0U;
    facts |= differs_by_blanks(text, key) ? KEY_BUT_FOR_BLANKS : 0U;
    facts |= differs_at_end(text, key) ? KEY_BUT_FOR_END : 0U;
    facts |= strcmp(text, "null") == 0 || strcmp(text, "undefined") == 0 ? NULL_WORD : 0U;
    facts |= strcmp(text, "%") == 0 ? WILDCARD : 0U;
    facts |= strcmp(text, ".*") == 0 ? PATTERN : 0U;
    return facts | (strncmp(text, key, strlen(key)) == 0 ? BEGINS_WITH_KEY : 0U);
}

static const char *bearer(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

static uint32_t facts_of_scheme(const char *authorization)
{
    if (!authorization)
        return 0;
    if (bearer(authorization))
        return authorization[0] == 'b' ? SMALL_SCHEME : 0U;
    return strncmp(authorization, "Basic ", 6) == 0 ? 0U : OTHER_SCHEME;
}

/* Whether the request names the update that its CVM has prepared last. */
static bool names_prepared(struct cf_ref_server *server, const struct cf_ref_request *request)
{
    char hash[CF_SHA256_HEX];
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    const struct cf_ref_prepared *newest = cvm ? cf_ref_cvm_prepared(cvm, 0) : NULL;
    return newest && request->transaction_hash && cf_ref_hash_read(request->compose_hash, hash) &&
           strcmp(newest->compose_hash, hash) == 0;
}

static bool begins_phases(struct cf_ref_server *server, const struct cf_ref_request *request,
                          enum cf_ref_endpoint endpoint)
{
    const struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    return cvm && cvm->kms != CF_REF_KMS_PHALA && !request->compose_hash &&
           (endpoint == CF_REF_ENDPOINT_SCRIPT ||
            (request->body && strstr(request->body, "\"docker_compose_file\"")));
}

/* CF_REF_REASON_OTHER when the credentials are good. */
static enum cf_ref_reason authenticate(struct cf_ref_server *server,
                                       const struct cf_ref_request *request,
                                       enum cf_ref_endpoint endpoint)
{
    const struct cf_ref_switches *on = &server->on;
    const char *key = request->api_key;
    uint32_t facts = facts_of_endpoint(endpoint);
    facts |= key && request->authorization ? WITH_ANOTHER : 0U;
    facts |= facts_of_scheme(request->authorization);
    if (!key && !cf_ref_has(on, CF_REF_DEV_AUTH_BEARER_UNKNOWN)) {
        key = bearer(request->authorization);
        facts |= BY_BEARER;
        facts |= request->authorization && server->bugs.token_good ? BEHIND_A_GOOD_ONE : 0U;
        if (key)
            server->bugs.token_good = strcmp(key, cf_ref_fixture_key()) == 0;
    }
    if (key)
        return strcmp(key, cf_ref_fixture_key()) == 0 ||
                       skips(on, WRONG_KEY, facts | facts_of_key(key))
                   ? CF_REF_REASON_OTHER
                   : CF_REF_REASON_WRONG_KEY;
    facts |= names_prepared(server, request) ? PROVEN : 0U;
    facts |= begins_phases(server, request, endpoint) ? PHASE_1 : 0U;
    facts |= server->bugs.key_seen ? SEEN_BEFORE : 0U;
    return skips(on, KEY, facts) ? CF_REF_REASON_OTHER : CF_REF_REASON_MISSING_KEY;
}

/* ---- the CVM ---- */

static void refuse_unknown(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    char correlation_id[CF_REF_UUID_TEXT];
    if (skips(&server->on, EXISTENCE, 0)) {
        cf_ref_server_uuid(server, correlation_id);
        cf_ref_answer_accepted(server, CF_REF_ENDPOINT_UPDATE_CVM, correlation_id, answer);
        return;
    }
    cf_ref_error_begin(server, answer, 404, "ERR-03-001", "CVM not found");
    cf_ref_error_row(answer, "cvm_id", request->cvm_id, "No CVM has this id");
    cf_ref_error_end(server, answer, "Check the id");
    answer->reason = CF_REF_REASON_UNKNOWN_CVM;
}

static void refuse_foreign(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_ref_has(on, CF_REF_VAR_FOREIGN_404) || cf_ref_has(on, CF_REF_DEV_AUTH_FOREIGN_404)) {
        refuse_unknown(server, request, answer);
    } else {
        cf_ref_error_begin(server, answer, 403, "ERR-03-004", "CVM is not in your workspace");
        cf_ref_error_row(answer, "cvm_id", request->cvm_id, "This CVM belongs to others");
        cf_ref_error_end(server, answer, "Use a key of the workspace that owns the CVM");
    }
    answer->reason = CF_REF_REASON_FOREIGN_CVM;
}

static void refuse_rented(struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 403, "This CVM is managed by a GPU rental");
    answer->reason = CF_REF_REASON_GPU_RENTAL;
}

/* Servers whose framework looks at the id's form first. Whether they refuse this one. */
static bool refuses_form(const struct cf_ref_switches *on, const char *id, bool known,
                         struct cf_ref_answer *answer)
{
    bool odd_bytes = id[strspn(id, "0123456789abcdefABCDEFghijklmnopqrstuvwxyz-")] != '\0';
    bool odd_length = !known && strlen(id) != 32;
    if (odd_bytes && !strpbrk(id, " \n%*") && cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_ENCODED_ID_500))
        cf_ref_answer_exception(answer);
    else if (odd_length &&
             (cf_ref_has(on, CF_REF_DEV_AUTH_ODD_ID_422) || cf_ref_has(on, CF_REF_VAR_ODD_IDS_422)))
        cf_ref_answer_sentence(answer, 422, "This is not an id");
    else
        return false;
    return true;
}

/* Whether the endpoint leaves this CVM to the GPU rental that manages it. */
static bool is_rented(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                      enum cf_ref_endpoint endpoint)
{
    const struct cf_ref_switches *on = &server->on;
    if (endpoint == CF_REF_ENDPOINT_SCRIPT)
        return cvm->role == CF_REF_ROLE_GPU_RENTAL &&
               cf_ref_has(on, CF_REF_VAR_SCRIPT_REFUSES_RENTALS);
    if (endpoint != CF_REF_ENDPOINT_UPDATE_CVM)
        return false;
    if (server->bugs.accepted_count > 0 && cf_ref_has(on, CF_REF_DEV_PICS_GPU_RENTAL_DENIED))
        return true;
    return cvm->role == CF_REF_ROLE_GPU_RENTAL && !skips(on, RENTAL, 0);
}

static void refuse_stranger(enum cf_ref_reason reason, struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 401, "Not authenticated");
    answer->reason = reason;
}

bool cf_ref_authenticated(struct cf_ref_server *server, const struct cf_ref_request *request,
                          struct cf_ref_answer *answer)
{
    enum cf_ref_reason reason = authenticate(server, request, CF_REF_ENDPOINT_READ);
    if (reason != CF_REF_REASON_OTHER)
        refuse_stranger(reason, answer);
    return reason == CF_REF_REASON_OTHER;
}

struct cf_ref_cvm *cf_ref_admit(struct cf_ref_server *server, const struct cf_ref_request *request,
                                enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    enum cf_ref_reason reason = authenticate(server, request, endpoint);
    bool good = reason == CF_REF_REASON_OTHER;
    uint32_t facts = facts_of_endpoint(endpoint) | (request->api_key ? 0U : BY_BEARER);
    server->bugs.key_seen = server->bugs.key_seen || (good && request->api_key);
    if (!good && (cvm || !cf_ref_has(on, CF_REF_DEV_AUTH_AFTER_LOOKUP))) {
        refuse_stranger(reason, answer);
    } else if (refuses_form(on, request->cvm_id, cvm != NULL, answer)) {
        return NULL;
    } else if (!cvm) {
        refuse_unknown(server, request, answer);
    } else if (cvm->role == CF_REF_ROLE_FOREIGN && !skips(on, WORKSPACE, facts)) {
        refuse_foreign(server, request, answer);
    } else if (is_rented(server, cvm, endpoint)) {
        refuse_rented(answer);
    } else {
        return cvm;
    }
    return NULL;
}

/* The CVMs there are, and what they are set to before anybody touches them. */
#include "reference/server.h"
#include "reference/compose.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char initial_compose[] = "services:\n"
                                      "  web:\n"
                                      "    image: nginx:1.27\n"
                                      "    ports: [\"80:80\"]\n";

/* Far from every default, so that a field that falls back to one shows. */
static const char *const initial_values[CF_REF_FIELD_COUNT] = {
    [CF_REF_FIELD_DOCKER_COMPOSE_FILE] = initial_compose,
    [CF_REF_FIELD_PRE_LAUNCH_SCRIPT] = "#!/bin/sh\nset -eu\necho starting\n",
    [CF_REF_FIELD_ALLOWED_ENVS] = "[\"API_TOKEN\",\"DATABASE_URL\"]",
    [CF_REF_FIELD_PUBLIC_LOGS] = "true",
    [CF_REF_FIELD_PUBLIC_SYSINFO] = "true",
    [CF_REF_FIELD_PUBLIC_TCBINFO] = "true",
    [CF_REF_FIELD_ENCRYPTED_ENV] = "00112233445566778899aabbccddeeff",
    [CF_REF_FIELD_USER_CONFIG] = "{\"tier\": \"gold\"}",
    [CF_REF_FIELD_GPUS] = ("{\"gpus\":[{\"slot\":\"0000:0f:00.0\",\"product_id\":\"2335\"}],"
                           "\"attach_mode\":\"all\"}"),
    [CF_REF_FIELD_VCPU] = "2",
    [CF_REF_FIELD_MEMORY] = "4096",
    [CF_REF_FIELD_DISK_SIZE] = "40960",
    [CF_REF_FIELD_IMAGE] = "dstack-0.5.4",
    [CF_REF_FIELD_SHUTDOWN_TIMEOUT] = "90",
    [CF_REF_FIELD_ALLOW_FORCE_STOP] = "true",
};

const char *cf_ref_fixture_key(void)
{
    return "phak_reference-0f3c9a7e51d24b68";
}

size_t cf_ref_fixture_number(bool contract_owned, size_t index)
{
    size_t usual = contract_owned ? CF_REF_CONTRACT_OWNED_CVMS : CF_REF_MANAGED_CVMS;
    if (index < usual)
        return (contract_owned ? CF_REF_MANAGED_CVMS : 0) + index;
    return CF_REF_CVMS + 2 * (index - usual) + contract_owned;
}

enum cf_ref_role cf_ref_fixture_role(size_t number)
{
    if (number < CF_REF_MANAGED_CVMS + CF_REF_CONTRACT_OWNED_CVMS || number >= CF_REF_CVMS)
        return CF_REF_ROLE_OURS;
    return number < CF_REF_CVMS - CF_REF_GPU_RENTAL_CVMS ? CF_REF_ROLE_FOREIGN
                                                         : CF_REF_ROLE_GPU_RENTAL;
}

enum cf_ref_kms cf_ref_fixture_kms(size_t number)
{
    bool managed =
        number < CF_REF_MANAGED_CVMS || number >= CF_REF_MANAGED_CVMS + CF_REF_CONTRACT_OWNED_CVMS;
    if (number >= CF_REF_CVMS) {
        managed = (number - CF_REF_CVMS) % 2 == 0;
        number = (number - CF_REF_CVMS) / 2;
    }
    if (managed)
        return CF_REF_KMS_PHALA;
    return number % 2 == 0 ? CF_REF_KMS_ETHEREUM : CF_REF_KMS_BASE;
}

static void digest_of(const char *what, size_t number, char out_hex[CF_SHA256_HEX])
{
    char text[64];
    int len = snprintf(text, sizeof(text), "cvm-conformance reference %s %zu", what, number);
    cf_sha256_hex(text, (size_t)len, out_hex);
}

/* Shaped like a version 4 UUID without its dashes. */
void cf_ref_fixture_id(size_t number, char out_id[CF_REF_ID_HEX])
{
    char hex[CF_SHA256_HEX];
    digest_of("cvm", number, hex);
    memcpy(out_id, hex, CF_REF_ID_HEX - 1);
    out_id[12] = '4';
    out_id[16] = '8';
    out_id[CF_REF_ID_HEX - 1] = '\0';
}

static void init_cvm(struct cf_ref_cvm *cvm, size_t number)
{
    char hex[CF_SHA256_HEX];
    cf_ref_fixture_id(number, cvm->id);
    digest_of("app", number, hex);
    memcpy(cvm->app_id, hex, sizeof(cvm->app_id) - 1);
    const char *id = cvm->id;
    snprintf(cvm->vm_uuid, sizeof(cvm->vm_uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12,
             id + 16, id + 20);
    snprintf(cvm->name, sizeof(cvm->name), "reference-%02zu", number + 1);
    cvm->kms = cf_ref_fixture_kms(number);
    cvm->role = cf_ref_fixture_role(number);
}

/* What bugs remember is forgotten, but for what was uploaded: that outlives a deployment. */
static void forget_bugs(struct cf_ref_cvm_bugs *bugs)
{
    struct cf_ref_cvm_bugs kept = {.upload_count = bugs->upload_count,
                                   .proposal_rides = bugs->proposal_rides};
    memcpy(kept.uploads, bugs->uploads, sizeof(kept.uploads));
    cf_ref_update_release(&bugs->queued);
    cf_ref_settings_release(&bugs->before);
    *bugs = kept;
}

void cf_ref_server_reset(struct cf_ref_server *server, struct cf_ref_cvm *cvm)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        cf_ref_value_set_text(&cvm->settings.of[i], initial_values[i]);
    cf_ref_update_release(&cvm->pending);
    for (size_t i = 0; i < CF_REF_PREPARED_KEPT; i++) {
        cf_ref_update_release(&cvm->prepared[i].update);
        cvm->prepared[i] = (struct cf_ref_prepared){0};
    }
    cvm->prepared_count = 0;
    cvm->operation_count = 0;
    cvm->running = false;
    forget_bugs(&cvm->bugs);
    cvm->hashes_stale = true;
    cf_ref_cvm_rehash(cvm);
    memcpy(cvm->bugs.deployed_hash, cvm->compose_hash, sizeof(cvm->bugs.deployed_hash));
    cf_ref_chain_forget_app(&server->chain, cvm->app_id);
    /* What boots is on the list. */
    cf_ref_chain_allow(&server->chain, cvm->app_id, cvm->compose_hash, true);
}

void cf_ref_server_init(struct cf_ref_server *server, size_t of_a_kind)
{
    char seed[64];
    server->cvm_count = CF_REF_CVMS;
    if (of_a_kind > CF_REF_MANAGED_CVMS)
        server->cvm_count += 2 * (of_a_kind - CF_REF_MANAGED_CVMS);
    snprintf(seed, sizeof(seed), "c%ld %.9f", (long)getpid(), cf_clock_ms());
    cf_ref_chain_init(&server->chain, seed);
    server->witness = cf_ref_witness_of_chain(&server->chain);
    seed[0] = 's'; /* another stream than the chain's */
    cf_random_init(&server->random, seed);
    for (size_t i = 0; i < server->cvm_count; i++) {
        init_cvm(&server->cvms[i], i);
        cf_ref_server_reset(server, &server->cvms[i]);
    }
}

void cf_ref_server_use_apps(struct cf_ref_server *server, const char *const *app_ids, size_t count)
{
    size_t next = 0;
    for (size_t i = 0; i < server->cvm_count && count > 0; i++) {
        struct cf_ref_cvm *cvm = &server->cvms[i];
        if (cvm->kms != CF_REF_KMS_PHALA && cf_ref_address_read(app_ids[next % count], cvm->app_id))
            next++;
    }
}

void cf_ref_server_release(struct cf_ref_server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->cvm_count; i++)
        cf_ref_cvm_release(&server->cvms[i]);
    cf_ref_chain_release(&server->chain);
}

/* Whether id names this CVM; bugs compare less than all of it. */
static bool is_named(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm, const char *id)
{
    size_t len = strlen(id);
    size_t whole = strlen(cvm->id);
    if (len + 1 == whole && cf_ref_has(on, CF_REF_DEV_AUTH_ID_BEGINNING_FINDS))
        return memcmp(cvm->id, id, len) == 0;
    if (len + 1 == whole && cf_ref_has(on, CF_REF_DEV_AUTH_ID_END_FINDS))
        return memcmp(cvm->id + 1, id, len) == 0;
    if (len > whole && cf_ref_has(on, CF_REF_DEV_AUTH_ID_TAIL_IGNORED))
        return memcmp(cvm->id, id, whole) == 0;
    static const struct {
        enum cf_ref_id bug;
        char behind;
    } overlooked[] = {{CF_REF_DEV_AUTH_ID_LINE_FEED_IGNORED, '\n'},
                      {CF_REF_DEV_AUTH_ID_WILDCARD_FINDS, '%'},
                      {CF_REF_DEV_AUTH_ID_PATTERN_FINDS, '*'}};
    for (size_t i = 0; i < sizeof(overlooked) / sizeof(overlooked[0]); i++) {
        bool behind = len == whole + 1 && id[whole] == overlooked[i].behind;
        if (behind && cf_ref_has(on, overlooked[i].bug))
            return memcmp(cvm->id, id, whole) == 0;
    }
    if (cf_ref_has(on, CF_REF_DEV_AUTH_ID_TRIMMED)) {
        id += strspn(id, " ");
        return strncmp(cvm->id, id, whole) == 0 && id[whole + strspn(id + whole, " ")] == '\0';
    }
    return strcmp(cvm->id, id) == 0;
}

struct cf_ref_cvm *cf_ref_server_find(struct cf_ref_server *server, const char *id)
{
    for (size_t i = 0; i < server->cvm_count; i++) {
        if (is_named(&server->on, &server->cvms[i], id)) {
            cf_ref_cvm_settle(&server->cvms[i], server->now_ms);
            return &server->cvms[i];
        }
    }
    return NULL;
}

void cf_ref_server_uuid(struct cf_ref_server *server, char out[CF_REF_UUID_TEXT])
{
    char hex[CF_REF_ID_HEX];
    cf_random_hex(&server->random, hex, CF_REF_ID_HEX - 1);
    hex[12] = '4';
    hex[16] = "89ab"[cf_random_below(&server->random, 4)];
    snprintf(out, CF_REF_UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

double cf_ref_server_duration(struct cf_ref_server *server)
{
    static const double factors[] = {1, 0.5, 3, 1.5, 2};
    size_t number = server->operations_begun++;
    if (!cf_ref_has(&server->on, CF_REF_VAR_OPERATIONS_OF_ALL_LENGTHS))
        return server->operation_ms;
    return server->operation_ms * factors[number % (sizeof(factors) / sizeof(factors[0]))];
}

/* The profile that a tester of this server needs: everything it knows about itself. */
#include "reference/reference.h"
#include "reference/server.h"

#include "harness/base/json.h"

#include <string.h>

/* ---- what it claims ---- */

static bool claims_kms(const struct cf_ref_switches *on)
{
    return !cf_ref_has(on, CF_REF_DEV_PICS_CONTRACT_OWNED_KMS_DENIED) &&
           !cf_ref_has(on, CF_REF_VAR_WITHOUT_CONTRACT_OWNED_KMS);
}

static bool claims_prepare_only(const struct cf_ref_switches *on)
{
    return claims_kms(on) && !cf_ref_has(on, CF_REF_DEV_PICS_PREPARE_ONLY_DENIED) &&
           !cf_ref_has(on, CF_REF_VAR_WITHOUT_PREPARE_ONLY);
}

static bool claims_gpu_rental(const struct cf_ref_switches *on)
{
    return !cf_ref_has(on, CF_REF_DEV_PICS_GPU_RENTAL_DENIED) &&
           !cf_ref_has(on, CF_REF_VAR_WITHOUT_GPU_RENTAL);
}

static bool claims_instant_operations(const struct cf_ref_options *options,
                                      const struct cf_ref_switches *on)
{
    return options->operation_ms <= 0 || cf_ref_has(on, CF_REF_VAR_INSTANT_OPERATIONS) ||
           cf_ref_has(on, CF_REF_DEV_PICS_INSTANT_CLAIMED);
}

/* ---- its parts ---- */

static void put_cvm(size_t number, bool first, struct cf_buf *out)
{
    char id[CF_REF_ID_HEX];
    cf_ref_fixture_id(number, id);
    cf_buf_printf(out, "%s\n        \"%s\"", first ? "" : ",", id);
}

static void put_cvms(const char *kind, size_t first, size_t count, struct cf_buf *out)
{
    cf_buf_printf(out, "      \"%s\": [", kind);
    for (size_t i = 0; i < count; i++)
        put_cvm(first + i, i == 0, out);
    cf_buf_puts(out, "\n      ],\n");
}

static void put_own_cvms(const char *kind, bool contract_owned, size_t count, struct cf_buf *out)
{
    cf_buf_printf(out, "      \"%s\": [", kind);
    for (size_t i = 0; i < count; i++)
        put_cvm(cf_ref_fixture_number(contract_owned, i), i == 0, out);
    cf_buf_puts(out, "\n      ],\n");
}

static void put_all_cvms(const struct cf_ref_options *options, const struct cf_ref_switches *on,
                         struct cf_buf *out)
{
    bool denied = cf_ref_has(on, CF_REF_DEV_PICS_CONTRACT_OWNED_KMS_DENIED);
    size_t count = options->of_a_kind > 0 ? options->of_a_kind : CF_REF_MANAGED_CVMS;
    size_t first_foreign = CF_REF_MANAGED_CVMS + CF_REF_CONTRACT_OWNED_CVMS;
    cf_buf_puts(out, "    \"cvms\": {\n");
    put_own_cvms("managed", denied, count, out);
    put_own_cvms("contract_owned", true, claims_kms(on) ? count : 0, out);
    put_cvms("foreign", first_foreign, CF_REF_FOREIGN_CVMS, out);
    put_cvms("gpu_rental", first_foreign + CF_REF_FOREIGN_CVMS,
             claims_gpu_rental(on) ? CF_REF_GPU_RENTAL_CVMS : 0, out);
    cf_buf_puts(out, "      \"unknown\": [\n"
                     "        \"00000000000040008000000000000001\",\n"
                     "        \"ffffffffffff4fffbfffffffffffffff\"\n"
                     "      ]\n    },\n");
}

static const char disk_sizes[] = "[20480, 40960, 61440, 81920]";
static const char images[] =
    "[\"dstack-0.5.3\", \"dstack-0.5.4\", \"dstack-0.5.5\", \"dstack-dev-0.5.5\"]";
static const char disk_steps[] =
    "{\"upwards\": [20480, 30720, 40960, 51200, 61440, 71680, 81920, 92160]}";
static const char image_steps[] =
    "{\"upwards\": [\"dstack-0.5.3\", \"dstack-0.5.4\", \"dstack-0.5.5\", \"dstack-0.5.6\"]}";
#define HEX_32 "0123456789abcdeffedcba9876543210"
#define HEX_256 HEX_32 HEX_32 HEX_32 HEX_32 HEX_32 HEX_32 HEX_32 HEX_32

/* One encrypted_env is as long as real ones are: longer than a narrow column. */
static const char other_values[] =
    "      \"encrypted_env\": [\"00112233445566778899aabbccddeeff\",\n"
    "                        \"8badf00d0ddba11c0ffee0ddf00dcafe15600d\",\n"
    "                        \"c0de" HEX_256 "\"],\n"
    "      \"gpus\": [\n"
    "        {\"gpus\": [], \"attach_mode\": \"listed\"},\n"
    "        {\"gpus\": [{\"slot\": \"0000:0f:00.0\", \"product_id\": \"2335\"}],\n"
    "         \"attach_mode\": \"all\"},\n"
    "        {\"gpus\": [{\"slot\": \"0000:2a:00.0\", \"product_id\": \"2330\"},\n"
    "                  {\"slot\": \"0000:18:00.0\", \"product_id\": null}],\n"
    "         \"attach_mode\": \"listed\"}\n"
    "      ]\n"
    "    },\n";

/* Where a tester looks for what the documented read side does not show; the preset knows the rest.
 */
static const struct {
    enum cf_ref_field field;
    const char *get;
    const char *pointer;
    const char *format; /* NULL: JSON */
} looks[] = {
    {CF_REF_FIELD_USER_CONFIG, "/api/v1/cvms/{cvm_id}/user_config", "", "text"},
    {CF_REF_FIELD_ENCRYPTED_ENV, "/_inspect/{cvm_id}", "/encrypted_env", NULL},
    {CF_REF_FIELD_GPUS, "/_inspect/{cvm_id}", "/gpus", NULL},
    {CF_REF_FIELD_SHUTDOWN_TIMEOUT, "/_inspect/{cvm_id}", "/shutdown_timeout", NULL},
    {CF_REF_FIELD_ALLOW_FORCE_STOP, "/_inspect/{cvm_id}", "/allow_force_stop", NULL},
};

static void put_values(const struct cf_ref_switches *on, struct cf_buf *out)
{
    bool grows = cf_ref_has(on, CF_REF_VAR_DISK_CANNOT_SHRINK);
    bool upgrades = cf_ref_has(on, CF_REF_VAR_IMAGE_NOT_DOWNGRADED);
    cf_buf_puts(out, "    \"values\": {\n      \"vcpu\": [1, 2, 4, 8],\n");
    cf_buf_puts(out, "      \"memory\": [2048, 4096, 8192, 16384],\n");
    cf_buf_printf(out, "      \"disk_size\": %s,\n", grows ? disk_steps : disk_sizes);
    cf_buf_printf(out, "      \"image\": %s,\n", upgrades ? image_steps : images);
    cf_buf_puts(out, other_values);
}

/* The field service has no path of our own, and its preset says where user_config and gpus are. */
static void put_observe(const struct cf_ref_switches *on, uint32_t out_of_sight,
                        const char *version, struct cf_buf *out)
{
    const char *before = "";
    bool field = cf_ref_has(on, CF_REF_VAR_FIELD_SERVICE);
    cf_buf_printf(out, "    \"observe\": {\n      \"preset\": \"%s\",\n", version);
    cf_buf_puts(out, "      \"fields\": {");
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if (!(out_of_sight & CF_REF_BIT((enum cf_ref_field)i)))
            continue;
        cf_buf_printf(out, "%s\n        \"%s\": null", before,
                      cf_ref_field((enum cf_ref_field)i)->name);
        before = ",";
    }
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        bool as_documented = looks[i].field == CF_REF_FIELD_USER_CONFIG &&
                             cf_ref_has(on, CF_REF_VAR_USER_CONFIG_AS_AN_OBJECT);
        if (field || as_documented || (out_of_sight & CF_REF_BIT(looks[i].field)))
            continue;
        cf_buf_printf(out, "%s\n        \"%s\": {\"get\": \"%s\", \"pointer\": \"%s\"", before,
                      cf_ref_field(looks[i].field)->name, looks[i].get, looks[i].pointer);
        if (looks[i].format)
            cf_buf_printf(out, ", \"format\": \"%s\"", looks[i].format);
        cf_buf_putc(out, '}');
        before = ",";
    }
    cf_buf_puts(out, *before ? "\n      }\n    },\n" : "}\n    },\n");
}

/* A hook of this server, what it is sent, and what its answer gives. */
struct hook {
    const char *name;
    const char *path;
    const char *json; /* NULL: nothing */
    bool on_chain;    /* of the simulator's contracts */
    bool transacts;
};

#define OF_APP "{\"app_id\": \"{app_id}\", \"compose_hash\": \"{compose_hash}\"}"
#define OF_CVM "{\"cvm_id\": \"{cvm_id}\", \"compose_hash\": \"{compose_hash}\"}"

static const struct hook hooks[] = {
    {"register-compose-hash", "/_chain/register", OF_APP, true, true},
    {"revert-registration", "/_chain/revert", OF_APP, true, true},
    {"register-elsewhere", "/_chain/register-elsewhere", OF_APP, true, true},
    {"unregister-compose-hash", "/_chain/unregister", OF_APP, true, false},
    {"expire-compose-hash", "/_chain/expire", OF_CVM, false, false},
    {"break-chain", "/_chain/break", NULL, false, false},
    {"mend-chain", "/_chain/mend", NULL, false, false},
    {"reset", "/_test/reset", "{\"cvm_id\": \"{cvm_id}\"}", false, false},
};

static void put_hook(const struct hook *hook, struct cf_buf *out)
{
    cf_buf_printf(out, "      \"%s\": {\"http\": {\"method\": \"POST\", \"url\": \"{base_url}%s\"",
                  hook->name, hook->path);
    if (hook->json)
        cf_buf_printf(out, ",\n        \"json\": %s", hook->json);
    if (hook->transacts)
        cf_buf_puts(out, ",\n        \"capture\": {\"transaction_hash\": \"/transaction_hash\"}");
    cf_buf_puts(out, "}}");
}

/* On a chain of its own the tester has to bring what makes transactions. */
static void put_hooks(bool simulated, struct cf_buf *out)
{
    const char *separator = "";
    cf_buf_puts(out, "    \"hooks\": {\n");
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        if (hooks[i].on_chain && !simulated)
            continue;
        cf_buf_puts(out, separator);
        put_hook(&hooks[i], out);
        separator = ",\n";
    }
    cf_buf_puts(out, "\n    },\n");
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void put_iut(const struct cf_ref_options *options, const struct cf_ref_switches *on,
                    unsigned port, struct cf_buf *out)
{
    cf_buf_printf(out,
                  "{\n  \"iut\": {\"name\": \"reference IUT\", \"version\": \"%s\", "
                  "\"base_url\": \"%s://127.0.0.1:%u\"},\n",
                  CF_VERSION, options->tls_certificate_file ? "https" : "http", port);
    cf_buf_printf(
        out,
        "  \"pics\": {\"contract_owned_kms\": %s, \"prepare_only\": %s, "
        "\"gpu_rental\": %s%s%s},\n",
        truth(claims_kms(on)), truth(claims_prepare_only(on)), truth(claims_gpu_rental(on)),
        claims_instant_operations(options, on) ? ", \"instant_operations\": true" : "",
        cf_ref_has(on, CF_REF_VAR_HASHES_NEVER_EXPIRE) ? ", \"hashes_never_expire\": true" : "");
}

static void put_pixit(const struct cf_ref_options *options, const struct cf_ref_switches *on,
                      uint32_t out_of_sight, struct cf_buf *out)
{
    const char *version = cf_ref_has(on, CF_REF_VAR_LEGACY_READ_SIDE) ? "2025-10-28" : "2026-01-21";
    cf_buf_printf(out,
                  "  \"pixit\": {\n    \"auth\": {\"header\": \"X-API-Key\", "
                  "\"value_from\": {\"value\": \"%s\"}},\n",
                  cf_ref_fixture_key());
    if (options->tls_certificate_file) {
        cf_buf_puts(out, "    \"tls\": {\"ca_file\": ");
        cf_json_put_text(out, options->tls_certificate_file);
        cf_buf_puts(out, "},\n");
    }
    cf_buf_printf(out, "    \"headers\": {\"X-Phala-Version\": \"%s\"%s},\n", version,
                  cf_ref_has(on, CF_REF_DEV_ACCEPTED_200_UNWATCHED)
                      ? ", \"User-Agent\": \"python-httpx/0.27.2\""
                      : "");
    put_all_cvms(options, on, out);
    put_values(on, out);
    put_observe(on, out_of_sight, version, out);
    put_hooks(!options->chain_url, out);
    /* A few looks an operation: more would only load the machine. */
    double poll_ms = options->operation_ms / 4;
    cf_buf_printf(out,
                  "    \"timing\": {\"settle_timeout_ms\": %.0f, \"poll_interval_ms\": %.0f, "
                  "\"request_timeout_ms\": 10000, \"operation_ms\": %.0f},\n"
                  "    \"phase2_body\": \"%s\"\n  }\n}\n",
                  options->operation_ms > 2500 ? 4 * options->operation_ms : 10000,
                  poll_ms < 5     ? 5
                  : poll_ms > 100 ? 100
                                  : poll_ms,
                  options->operation_ms < 1 ? 1 : options->operation_ms,
                  cf_ref_has(on, CF_REF_VAR_PHASE_2_BODY_REPEATED) ? "repeat" : "empty");
}

enum cf_code cf_ref_profile(const struct cf_ref_options *options, unsigned port, struct cf_buf *out,
                            struct cf_err *err)
{
    struct cf_ref_switches on;
    uint32_t out_of_sight = 0;
    enum cf_code code = cf_ref_options_switches(options, &on, err);
    if (code == CF_OK)
        code = cf_ref_options_out_of_sight(options, &on, &out_of_sight, err);
    if (code != CF_OK)
        return code;
    put_iut(options, &on, port, out);
    put_pixit(options, &on, out_of_sight, out);
    return cf_buf_check(out, err);
}

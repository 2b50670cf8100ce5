#include "reference/chain.h"
#include "reference/compose.h"
#include "reference/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cf_ref_server *new_server(void)
{
    struct cf_ref_server *server = calloc(1, sizeof(*server));
    assert_non_null(server);
    cf_ref_server_init(server, 0);
    return server;
}

static void free_server(struct cf_ref_server *server)
{
    cf_ref_server_release(server);
    free(server);
}

/* ---- the compose document ---- */

static void compose_put_document_is_canonical_json(void **state)
{
    struct cf_ref_server *server = new_server();
    struct cf_ref_settings *settings = &server->cvms[0].settings;
    struct cf_buf out;
    (void)state;
    cf_ref_value_set(&settings->of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT], "a\0\"b\r\t\x7f\xff", 8);
    cf_ref_value_set_text(&settings->of[CF_REF_FIELD_DOCKER_COMPOSE_FILE], "x: 1\n");
    cf_buf_init(&out, 1 << 16);
    cf_ref_compose_put("my app", settings, NULL, &out);
    assert_string_equal(
        cf_buf_text(&out),
        "{\"allowed_envs\":[\"API_TOKEN\",\"DATABASE_URL\"],"
        "\"docker_compose_file\":\"x: 1\\n\",\"features\":[\"kms\"],"
        "\"gateway_enabled\":true,\"kms_enabled\":true,\"manifest_version\":2,"
        "\"name\":\"my app\",\"pre_launch_script\":\"a\\u0000\\\"b\\r\\t\x7f\xef\xbf\xbd\","
        "\"public_logs\":true,\"public_sysinfo\":true,\"public_tcbinfo\":true,"
        "\"runner\":\"docker-compose\"}");
    cf_buf_release(&out);
    free_server(server);
}

static void compose_hash_changes_with_each_compose_member_and_no_other(void **state)
{
    static const char *const values[CF_REF_FIELD_COUNT] = {
        "other", "other", "[\"OTHER\"]",
        "false", "false", "false",
        "00",    "other", "{\"gpus\":[],\"attach_mode\":\"other\"}",
        "7",     "7",     "7",
        "other", "77",    "false",
    };
    struct cf_ref_server *server = new_server();
    struct cf_ref_cvm *cvm = &server->cvms[0];
    char before[CF_SHA256_HEX];
    char after[CF_SHA256_HEX];
    (void)state;
    cf_ref_compose_hash(cvm->name, &cvm->settings, NULL, before);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        enum cf_ref_field field = (enum cf_ref_field)i;
        struct cf_ref_update update = {0};
        cf_ref_update_set_text(&update, field, values[i]);
        cf_ref_compose_hash(cvm->name, &cvm->settings, &update, after);
        if ((strcmp(before, after) != 0) != cf_ref_field(field)->in_compose)
            fail_msg("%s", cf_ref_field(field)->name);
        cf_ref_update_release(&update);
    }
    free_server(server);
}

static void compose_hash_of_an_update_is_that_of_the_settings_after_it(void **state)
{
    struct cf_ref_server *server = new_server();
    struct cf_ref_cvm *cvm = &server->cvms[0];
    struct cf_ref_update update = {0};
    char ahead[CF_SHA256_HEX];
    (void)state;
    cf_ref_update_set_text(&update, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "new");
    cf_ref_compose_hash(cvm->name, &cvm->settings, &update, ahead);
    cf_ref_cvm_change(cvm, &update);
    assert_int_equal(update.present, 0);
    cf_ref_cvm_rehash(cvm);
    assert_string_equal(cvm->compose_hash, ahead);
    free_server(server);
}

static void hash_read_takes_32_bytes_in_any_spelling(void **state)
{
    static const char plain[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char out[CF_SHA256_HEX] = "old";
    (void)state;
    assert_true(cf_ref_hash_read(plain, out));
    assert_string_equal(out, plain);
    assert_true(cf_ref_hash_read(
        "0X00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff", out));
    assert_string_equal(out, plain);
    assert_false(cf_ref_hash_read(plain + 1, out));
    assert_false(cf_ref_hash_read("0x", out));
    assert_false(cf_ref_hash_read("", out));
    assert_false(cf_ref_hash_read(NULL, out));
    assert_false(
        cf_ref_hash_read("g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", out));
    assert_false(
        cf_ref_hash_read("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0", out));
    assert_string_equal(out, plain);
}

/* ---- the chain ---- */

static void chain_allow_list_is_per_contract_and_revocable(void **state)
{
    static const char hash[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static const char one[] = "0000000000000000000000000000000000000001";
    static const char two[] = "0000000000000000000000000000000000000002";
    struct cf_ref_chain chain;
    (void)state;
    cf_ref_chain_init(&chain, "test");
    assert_false(cf_ref_chain_allows(&chain, one, hash));
    cf_ref_chain_allow(&chain, one, hash, false);
    cf_ref_chain_allow(&chain, one, hash, true);
    assert_true(cf_ref_chain_allows(&chain, one, hash));
    assert_false(cf_ref_chain_allows(&chain, two, hash));
    cf_ref_chain_allow(&chain, one, hash, false);
    assert_false(cf_ref_chain_allows(&chain, one, hash));
    cf_ref_chain_allow(&chain, one, hash, true);
    cf_ref_chain_forget_app(&chain, one);
    assert_false(cf_ref_chain_allows(&chain, one, hash));
    cf_ref_chain_release(&chain);
}

enum { MANY = 1000 };

static void chain_mine_thousand_transactions_are_all_found(void **state)
{
    static char hashes[MANY][CF_SHA256_HEX];
    static const char contract[] = "0000000000000000000000000000000000000001";
    struct cf_ref_chain chain;
    (void)state;
    cf_ref_chain_init(&chain, "test");
    for (int i = 0; i < MANY; i++) {
        char compose_hash[CF_SHA256_HEX];
        cf_sha256_hex(&i, sizeof(i), compose_hash);
        cf_ref_chain_mine(&chain, contract, compose_hash, i % 2, hashes[i]);
        cf_ref_chain_allow(&chain, contract, compose_hash, true);
    }
    for (int i = 0; i < MANY; i++) {
        char compose_hash[CF_SHA256_HEX];
        const struct cf_ref_transaction *receipt = cf_ref_chain_receipt(&chain, hashes[i]);
        cf_sha256_hex(&i, sizeof(i), compose_hash);
        assert_non_null(receipt);
        assert_string_equal(receipt->compose_hash, compose_hash);
        assert_int_equal(receipt->reverted, i % 2);
        assert_true(cf_ref_chain_allows(&chain, contract, compose_hash));
    }
    assert_null(cf_ref_chain_receipt(&chain, contract));
    cf_ref_chain_release(&chain);
}

/* ---- operations ---- */

static void cvm_operation_changes_settings_when_its_time_is_up(void **state)
{
    struct cf_ref_server *server = new_server();
    struct cf_ref_cvm *cvm = &server->cvms[0];
    struct cf_ref_update update = {0};
    (void)state;
    cf_ref_update_set_text(&update, CF_REF_FIELD_VCPU, "8");
    (void)cf_ref_cvm_begin(cvm, CF_REF_ENDPOINT_UPDATE_CVM, &update, 1000, 50);
    cf_ref_cvm_settle(cvm, 1049);
    assert_true(cvm->running);
    assert_true(cf_ref_value_is(&cvm->settings.of[CF_REF_FIELD_VCPU], "2"));
    cf_ref_cvm_settle(cvm, 1050);
    assert_false(cvm->running);
    assert_true(cf_ref_value_is(&cvm->settings.of[CF_REF_FIELD_VCPU], "8"));
    assert_true(cf_ref_cvm_operation(cvm, 0)->finished);
    free_server(server);
}

static void cvm_operation_of_no_duration_is_over_at_once(void **state)
{
    struct cf_ref_server *server = new_server();
    struct cf_ref_cvm *cvm = &server->cvms[0];
    struct cf_ref_update update = {0};
    (void)state;
    for (int i = 0; i < 2 * CF_REF_OPERATIONS_KEPT; i++) {
        (void)cf_ref_cvm_begin(cvm, CF_REF_ENDPOINT_SCRIPT, &update, 1000, 0);
        assert_false(cvm->running);
    }
    assert_non_null(cf_ref_cvm_operation(cvm, CF_REF_OPERATIONS_KEPT - 1));
    assert_null(cf_ref_cvm_operation(cvm, CF_REF_OPERATIONS_KEPT));
    free_server(server);
}

static void server_reset_puts_everything_back(void **state)
{
    struct cf_ref_server *server = new_server();
    struct cf_ref_cvm *cvm = &server->cvms[CF_REF_MANAGED_CVMS];
    char before[CF_SHA256_HEX];
    struct cf_ref_update update = {0};
    (void)state;
    memcpy(before, cvm->compose_hash, sizeof(before));
    cf_ref_update_set_text(&update, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "new");
    (void)cf_ref_cvm_prepare(cvm, CF_REF_ENDPOINT_UPDATE_CVM, before, &update);
    cf_ref_update_set_text(&update, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "new");
    (void)cf_ref_cvm_begin(cvm, CF_REF_ENDPOINT_UPDATE_CVM, &update, 0, 1000000);
    cf_ref_server_reset(server, cvm);
    assert_false(cvm->running);
    assert_null(cf_ref_cvm_prepared(cvm, 0));
    assert_null(cf_ref_cvm_operation(cvm, 0));
    assert_string_equal(cvm->compose_hash, before);
    assert_true(cf_ref_chain_allows(&server->chain, cvm->app_id, before));
    free_server(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compose_put_document_is_canonical_json),
        cmocka_unit_test(compose_hash_changes_with_each_compose_member_and_no_other),
        cmocka_unit_test(compose_hash_of_an_update_is_that_of_the_settings_after_it),
        cmocka_unit_test(hash_read_takes_32_bytes_in_any_spelling),
        cmocka_unit_test(chain_allow_list_is_per_contract_and_revocable),
        cmocka_unit_test(chain_mine_thousand_transactions_are_all_found),
        cmocka_unit_test(cvm_operation_changes_settings_when_its_time_is_up),
        cmocka_unit_test(cvm_operation_of_no_duration_is_over_at_once),
        cmocka_unit_test(server_reset_puts_everything_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

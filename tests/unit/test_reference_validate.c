#include "reference/integer.h"
#include "reference/validate.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- integers ---- */

static void integer_literals_give_their_exact_value(void **state)
{
    static const struct {
        const char *literal;
        enum cf_ref_integer_result result;
        long long value;
    } rows[] = {
        {"0", CF_REF_INTEGER_OK, 0},
        {"-0", CF_REF_INTEGER_OK, 0},
        {"0.000", CF_REF_INTEGER_OK, 0},
        {"0e999999999999999999999", CF_REF_INTEGER_OK, 0},
        {"12", CF_REF_INTEGER_OK, 12},
        {"-12", CF_REF_INTEGER_OK, -12},
        {"4.0", CF_REF_INTEGER_OK, 4},
        {"1e3", CF_REF_INTEGER_OK, 1000},
        {"1.25E+2", CF_REF_INTEGER_OK, 125},
        {"12000e-3", CF_REF_INTEGER_OK, 12},
        {"0.12e2", CF_REF_INTEGER_OK, 12},
        {"100.00", CF_REF_INTEGER_OK, 100},
        {"9223372036854775807", CF_REF_INTEGER_OK, LLONG_MAX},
        {"-9223372036854775808", CF_REF_INTEGER_OK, LLONG_MIN},
        {"9007199254740993", CF_REF_INTEGER_OK, 9007199254740993},
        {"9223372036854775808", CF_REF_INTEGER_HUGE, 0},
        {"-9223372036854775809", CF_REF_INTEGER_HUGE, 0},
        {"18446744073709551616", CF_REF_INTEGER_HUGE, 0},
        {"1e19", CF_REF_INTEGER_HUGE, 0},
        {"1e400", CF_REF_INTEGER_HUGE, 0},
        {"1e99999999999999999999", CF_REF_INTEGER_HUGE, 0},
        {"1.5", CF_REF_INTEGER_FRACTION, 0},
        {"1e-1", CF_REF_INTEGER_FRACTION, 0},
        {"1e-99999999999999999999", CF_REF_INTEGER_FRACTION, 0},
        {"4.00000000000000000001", CF_REF_INTEGER_FRACTION, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        long long value = 0;
        bool negative = false;
        enum cf_ref_integer_result result = cf_ref_integer(rows[i].literal, &value, &negative);
        if (result != rows[i].result || (result == CF_REF_INTEGER_OK && value != rows[i].value))
            fail_msg("%s: %d, %lld", rows[i].literal, (int)result, value);
        if (rows[i].value != 0)
            assert_int_equal(negative, rows[i].value < 0);
    }
}

/* ---- bodies ---- */

/* What a body comes to: the update's members in the table's order, or the rows of the 422. */
static void describe(const struct cf_ref_switches *on, const char *body, struct cf_buf *out)
{
    struct cf_json_doc doc;
    struct cf_ref_update update = {0};
    struct cf_ref_detail detail;
    struct cf_err err;
    if (cf_json_parse(&doc, "body", body, strlen(body), 0, &err) != CF_OK)
        fail_msg("%s: %s", body, err.text);
    cf_ref_detail_init(&detail, on);
    cf_ref_validate(on, doc.root, &update, &detail);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && detail.count == 0; i++) {
        if (!cf_ref_update_has(&update, (enum cf_ref_field)i))
            continue;
        cf_buf_printf(out, "%s=", cf_ref_field((enum cf_ref_field)i)->name);
        cf_ref_settings_put(&update.to, (enum cf_ref_field)i, out);
        cf_buf_putc(out, ' ');
    }
    if (detail.count > 0)
        cf_ref_detail_put(&detail, out);
    cf_ref_detail_release(&detail);
    cf_ref_update_release(&update);
    cf_json_release(&doc);
}

static void assert_described(const struct cf_ref_switches *on, const char *body,
                             const char *expected)
{
    struct cf_buf out;
    cf_buf_init(&out, 1 << 16);
    describe(on, body, &out);
    if (strcmp(cf_buf_text(&out), expected) != 0)
        fail_msg("%s\n  gave     %s\n  expected %s", body, cf_buf_text(&out), expected);
    cf_buf_release(&out);
}

static void validate_valid_bodies_become_updates(void **state)
{
    static const struct cf_ref_switches none;
    static const struct {
        const char *body, *update;
    } rows[] = {
        {"{}", ""},
        {"{\"unknown\": 1}", ""},
        {"{\"vcpu\": 4.0, \"memory\": 1e3}", "vcpu=4 memory=1000 "},
        {"{\"vcpu\": 1, \"vcpu\": 2}", "vcpu=2 "},
        {"{\"vcpu\": null, \"image\": null, \"public_logs\": null}", ""},
        {"{\"shutdown_timeout\": null}", "shutdown_timeout=null "},
        {"{\"shutdown_timeout\": 10}", "shutdown_timeout=10 "},
        {"{\"shutdown_timeout\": 1200}", "shutdown_timeout=1200 "},
        {"{\"allowed_envs\": [], \"user_config\": \"\"}", "allowed_envs=[] user_config=\"\" "},
        {"{\"allowed_envs\": null, \"user_config\": null}", "allowed_envs=[] user_config=\"\" "},
        {"{\"allowed_envs\": [\"B\", \"A\"]}", "allowed_envs=[\"B\",\"A\"] "},
        {"{\"public_logs\": false}", "public_logs=false "},
        {"{\"gpus\": {\"gpus\": []}}", "gpus={\"gpus\":[],\"attach_mode\":\"listed\"} "},
        {"{\"gpus\": {\"attach_mode\": \"any\", \"gpus\": [{\"product_id\": null, \"slot\": "
         "\"a\"}]}}",
         "gpus={\"gpus\":[{\"slot\":\"a\",\"product_id\":null}],\"attach_mode\":\"any\"} "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_described(&none, rows[i].body, rows[i].update);
}

#define ROW(loc, msg, type) "{\"loc\":" loc ",\"msg\":\"" msg "\",\"type\":\"" type "\"}"
#define DETAIL(rows) "{\"detail\":[" rows "]}"

static void validate_faults_are_told_with_their_place(void **state)
{
    static const struct cf_ref_switches none;
    static const struct {
        const char *body, *detail;
    } rows[] = {
        {"[]",
         DETAIL(ROW("[\"body\"]", "Input should be a valid object", "model_attributes_type"))},
        {"{\"image\": 5}",
         DETAIL(ROW("[\"body\",\"image\"]", "Input should be a valid string", "string_type"))},
        {"{\"vcpu\": \"4\"}",
         DETAIL(ROW("[\"body\",\"vcpu\"]", "Input should be a valid integer", "int_type"))},
        {"{\"vcpu\": true}",
         DETAIL(ROW("[\"body\",\"vcpu\"]", "Input should be a valid integer", "int_type"))},
        {"{\"allow_force_stop\": null}",
         DETAIL(ROW("[\"body\",\"allow_force_stop\"]", "Input should be a valid boolean",
                    "bool_type"))},
        {"{\"public_logs\": 1}",
         DETAIL(ROW("[\"body\",\"public_logs\"]", "Input should be a valid boolean", "bool_type"))},
        {"{\"shutdown_timeout\": 9}",
         DETAIL(ROW("[\"body\",\"shutdown_timeout\"]",
                    "Input should be greater than or equal to 10", "greater_than_equal"))},
        {"{\"shutdown_timeout\": -1e400}",
         DETAIL(ROW("[\"body\",\"shutdown_timeout\"]",
                    "Input should be greater than or equal to 10", "greater_than_equal"))},
        {"{\"shutdown_timeout\": 1201}",
         DETAIL(ROW("[\"body\",\"shutdown_timeout\"]", "Input should be less than or equal to 1200",
                    "less_than_equal"))},
        {"{\"memory\": 1e400}",
         DETAIL(ROW("[\"body\",\"memory\"]", "Input is an integer of more than 64 bits",
                    "int_parsing_size"))},
        {"{\"allowed_envs\": [\"A\", null]}",
         DETAIL(ROW("[\"body\",\"allowed_envs\",1]", "Input should be a valid string",
                    "string_type"))},
        {"{\"gpus\": {}}",
         DETAIL(ROW("[\"body\",\"gpus\",\"gpus\"]", "Field required", "missing"))},
        {"{\"gpus\": {\"gpus\": [{}, 7], \"attach_mode\": null}, \"vcpu\": 1, \"image\": []}",
         DETAIL(ROW("[\"body\",\"gpus\",\"gpus\",0,\"slot\"]", "Field required", "missing") "," ROW(
             "[\"body\",\"gpus\",\"gpus\",1]", "Input should be a valid object",
             "model_attributes_type") "," ROW("[\"body\",\"gpus\",\"attach_mode\"]",
                                              "Input should be a valid string",
                                              "string_type") "," ROW("[\"body\",\"image\"]",
                                                                     "Input should be a valid "
                                                                     "string",
                                                                     "string_type"))},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_described(&none, rows[i].body, rows[i].detail);
}

static struct cf_ref_switches with_variant(const char *name)
{
    struct cf_ref_switches on = {0};
    struct cf_err err;
    assert_int_equal(cf_ref_switches_add_variant(&on, name, &err), CF_OK);
    return on;
}

static void validate_variants_change_what_is_taken(void **state)
{
    static const struct {
        const char *variant, *body, *expected;
    } rows[] = {
        {"lax-coercion", "{\"vcpu\": \"4\", \"memory\": true, \"public_logs\": \"yes\"}",
         "public_logs=true vcpu=4 memory=1 "},
        {"fractions-truncated", "{\"vcpu\": 1.5}", "vcpu=1 "},
        {"scalars-become-text", "{\"image\": 5, \"allowed_envs\": [true, \"A\"]}",
         "allowed_envs=[\"True\",\"A\"] image=\"5\" "},
        {"null-leaves", "{\"user_config\": null, \"shutdown_timeout\": null}",
         "shutdown_timeout=null "},
        {"null-resets", "{\"vcpu\": null}", "vcpu=1 "},
        {"loc-branch-tags", "{\"vcpu\": []}",
         DETAIL(ROW("[\"body\",\"vcpu\",\"int\"]", "Input should be a valid integer", "int_type"))},
        {"loc-branch-tags-inside", "{\"gpus\": {}}",
         DETAIL(ROW("[\"body\",\"gpus\",\"GpuConfig\",\"gpus\"]", "Field required", "missing"))},
        {"first-error-only", "{\"image\": 5, \"vcpu\": []}",
         DETAIL(ROW("[\"body\",\"image\"]", "Input should be a valid string", "string_type"))},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_ref_switches on = with_variant(rows[i].variant);
        assert_described(&on, rows[i].body, rows[i].expected);
    }
}

static void validate_half_valid_body_still_yields_its_valid_half(void **state)
{
    static const struct cf_ref_switches none;
    static const char body[] = "{\"vcpu\": 3, \"memory\": \"x\"}";
    struct cf_json_doc doc;
    struct cf_ref_update update = {0};
    struct cf_ref_detail detail;
    (void)state;
    assert_int_equal(cf_json_parse(&doc, "body", body, strlen(body), 0, NULL), CF_OK);
    cf_ref_detail_init(&detail, &none);
    cf_ref_validate(&none, doc.root, &update, &detail);
    assert_int_equal(detail.count, 1);
    assert_true(cf_ref_value_is(&update.to.of[CF_REF_FIELD_VCPU], "3"));
    assert_false(cf_ref_update_has(&update, CF_REF_FIELD_MEMORY));
    cf_ref_detail_release(&detail);
    cf_ref_update_release(&update);
    cf_json_release(&doc);
}

static void validate_detail_too_long_for_one_answer_keeps_whole_rows(void **state)
{
    static const struct cf_ref_switches none;
    struct cf_ref_detail detail;
    struct cf_buf out;
    struct cf_json_doc doc;
    const struct cf_ref_loc loc = {.name = "body"};
    (void)state;
    cf_ref_detail_init(&detail, &none);
    for (int i = 0; i < 40000; i++)
        cf_ref_detail_add(&detail, &loc, "t", "a message of some length, again and again", NULL);
    cf_buf_init(&out, CF_REF_DETAIL_MAX_BYTES * 2);
    cf_ref_detail_put(&detail, &out);
    assert_int_equal(cf_json_parse(&doc, "detail", out.data, out.len, 0, NULL), CF_OK);
    assert_true(cJSON_GetArraySize(cf_json_get(doc.root, "detail")) > 1000);
    cf_json_release(&doc);
    cf_buf_release(&out);
    cf_ref_detail_release(&detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integer_literals_give_their_exact_value),
        cmocka_unit_test(validate_valid_bodies_become_updates),
        cmocka_unit_test(validate_faults_are_told_with_their_place),
        cmocka_unit_test(validate_variants_change_what_is_taken),
        cmocka_unit_test(validate_half_valid_body_still_yields_its_valid_half),
        cmocka_unit_test(validate_detail_too_long_for_one_answer_keeps_whole_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

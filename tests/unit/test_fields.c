/* Fields: when two values are the same (data/suites/same.json), what can be read, and the rows that
 * case files ask for. */
#include "suites/fields.h"
#include "tests/unit/unit.h"

static void same_rows_hold_and_differ(void **state)
{
    (void)state;
    struct cf_json_doc doc = unit_json_file("data/suites/same.json");
    const cJSON *row;
    const cJSON *asked;
    cJSON_ArrayForEach(row, doc.root)
    {
        int index = cf_cvm_field_index(cf_json_text(row, "field", ""));
        const cJSON *read = cf_json_get(row, "read");
        assert_true(index >= 0);
        cJSON_ArrayForEach(asked, cf_json_get(row, "same"))
        {
            if (!cf_cvm_field_same(&cf_cvm_fields[index], read, asked))
                fail_msg("line %d: not the same", cf_json_line(&doc, asked));
        }
        cJSON_ArrayForEach(asked, cf_json_get(row, "differs"))
        {
            if (cf_cvm_field_same(&cf_cvm_fields[index], read, asked))
                fail_msg("line %d column %d: the same", cf_json_line(&doc, asked),
                         cf_json_column(&doc, asked));
        }
    }
    cf_json_release(&doc);
}

static const struct {
    const char *field, *read;
    bool readable;
} readable[] = {
    {"vcpu", "2", true},
    {"vcpu", "\"2\"", false},
    {"vcpu", "null", true},
    {"vcpu", "[]", true},
    {"vcpu", "[2]", false},
    {"public_logs", "true", true},
    {"public_logs", "1", false},
    {"allowed_envs", "[\"A\"]", true},
    {"allowed_envs", "\"A\"", false},
    {"gpus", "[]", true},
    {"gpus", "{\"gpus\":[]}", true},
    {"gpus", "{\"count\":2}", false},
    {"gpus", "2", true},
    {"gpus", "\"2\"", false},
    {"user_config", "{}", true},
    {"user_config", "[1]", false},
    {"image", "\"x\"", true},
    {"image", "{\"x\":1}", false},
    {"encrypted_env", "\"00\"", true},
};

static void readable_is_by_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(readable); i++) {
        struct cf_json_doc doc = unit_json(readable[i].read);
        const struct cf_cvm_field *field = &cf_cvm_fields[cf_cvm_field_index(readable[i].field)];
        if (cf_cvm_field_readable(field, doc.root) != readable[i].readable)
            fail_msg("%s as %s", readable[i].read, readable[i].field);
        cf_json_release(&doc);
    }
    assert_true(cf_cvm_field_readable(&cf_cvm_fields[0], NULL));
}

/* update-cvm.md, UpdateCvmRequest: fifteen fields, one of them not nullable; six are hashed. */
static void fields_are_those_of_the_contract(void **state)
{
    (void)state;
    int affecting = 0;
    int nullable = 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        affecting += cf_cvm_fields[i].affects_hash;
        nullable += cf_cvm_fields[i].nullable;
        assert_int_equal(cf_cvm_field_index(cf_cvm_fields[i].name), i);
    }
    assert_int_equal(affecting, 6);
    assert_int_equal(nullable, 14);
    assert_false(cf_cvm_fields[cf_cvm_field_index("allow_force_stop")].nullable);
    assert_int_equal(cf_cvm_field_index("Vcpu"), -1);
}

static void rows_fields_has_one_row_a_field(void **state)
{
    (void)state;
    cJSON *rows = cf_cvm_rows_fields();
    assert_int_equal(cJSON_GetArraySize(rows), CF_CVM_FIELD_COUNT);
    const cJSON *row;
    int i = 0;
    cJSON_ArrayForEach(row, rows)
    {
        assert_string_equal(cf_json_text(row, "id", ""), cf_cvm_fields[i].name);
        assert_string_equal(cf_json_text(row, "field", ""), cf_cvm_fields[i].name);
        const cJSON *fields = cf_json_get(row, "fields");
        assert_int_equal(cJSON_GetArraySize(fields), 1);
        assert_string_equal(fields->child->valuestring, cf_cvm_fields[i].name);
        i++;
    }
    cJSON_Delete(rows);
}

static bool has(const cJSON *row, const char *field)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, cf_json_get(row, "fields"))
    {
        if (strcmp(name->valuestring, field) == 0)
            return true;
    }
    return false;
}

static void rows_presence_pairs_cover_every_pair_in_every_way(void **state)
{
    (void)state;
    cJSON *rows = cf_cvm_rows_presence_pairs();
    for (int a = 0; a < CF_CVM_FIELD_COUNT; a++) {
        for (int b = a + 1; b < CF_CVM_FIELD_COUNT; b++) {
            unsigned ways = 0;
            const cJSON *row;
            cJSON_ArrayForEach(row, rows) ways |=
                1u << (has(row, cf_cvm_fields[a].name) * 2 + has(row, cf_cvm_fields[b].name));
            if (ways != 15)
                fail_msg("%s and %s: ways %u", cf_cvm_fields[a].name, cf_cvm_fields[b].name, ways);
        }
    }
    /* One a turn, and one a place in turns. */
    assert_int_equal(cJSON_GetArraySize(rows), 8);
    cJSON_Delete(rows);
}

static void rows_presence_pairs_are_updates_and_always_the_same(void **state)
{
    (void)state;
    cJSON *rows = cf_cvm_rows_presence_pairs();
    cJSON *again = cf_cvm_rows_presence_pairs();
    const cJSON *row;
    assert_true(cf_json_equal(rows, again));
    cJSON_ArrayForEach(row, rows) assert_non_null(cf_json_get(row, "fields")->child);
    cJSON_Delete(rows);
    cJSON_Delete(again);
}

/* Else a field would be in the same state when its neighbours' turn comes again. */
static void rows_turns_update_each_other_field_in_between(void **state)
{
    (void)state;
    cJSON *turns = cf_cvm_rows_turns();
    cJSON *others = cf_cvm_rows_all_others();
    const cJSON *rest = others->child;
    const cJSON *turn;
    cJSON_ArrayForEach(turn, turns)
    {
        const char *own = cf_json_text(turn, "id", "");
        for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
            const char *name = cf_cvm_fields[i].name;
            assert_int_equal(has(rest, name), strstr(own, name) == NULL);
        }
        assert_string_equal(cf_json_text(rest, "turn", ""), own);
        rest = rest->next;
    }
    assert_null(rest);
    cJSON_Delete(turns);
    cJSON_Delete(others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_rows_hold_and_differ),
        cmocka_unit_test(readable_is_by_type),
        cmocka_unit_test(fields_are_those_of_the_contract),
        cmocka_unit_test(rows_fields_has_one_row_a_field),
        cmocka_unit_test(rows_presence_pairs_cover_every_pair_in_every_way),
        cmocka_unit_test(rows_presence_pairs_are_updates_and_always_the_same),
        cmocka_unit_test(rows_turns_update_each_other_field_in_between),
    };
    return UNIT_RUN(tests);
}

/* Texts that were parsed lately. */
#include "tests/unit/unit.h"

#include "harness/base/json.h"
#include "harness/base/json_texts.h"

static const struct cf_json_text *read_text(struct cf_json_texts *texts, const char *text)
{
    return cf_json_texts_read(texts, text, strlen(text));
}

static void read_again_is_the_same_text(void **state)
{
    struct cf_json_texts texts = {.count = 0};
    (void)state;
    const struct cf_json_text *first = read_text(&texts, "{\"vcpu\": 2}");
    const struct cf_json_text *other = read_text(&texts, "{\"vcpu\": 4}");
    const struct cf_json_text *again = read_text(&texts, "{\"vcpu\": 2}");
    assert_ptr_equal(first, again);
    assert_true(cf_json_number(first->root, "vcpu", 0) == 2);
    assert_true(cf_json_number(other->root, "vcpu", 0) == 4);
    assert_null(first->error);
    cf_json_text_release(first);
    cf_json_text_release(other);
    cf_json_text_release(again);
    cf_json_texts_release(&texts);
}

static void read_of_what_is_not_json_says_so_each_time(void **state)
{
    struct cf_json_texts texts = {.count = 0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct cf_json_text *text = read_text(&texts, "{\"vcpu\": }");
        assert_null(text->root);
        assert_string_equal(text->error, "body:1:10: '}' where a value should be");
        cf_json_text_release(text);
    }
    cf_json_texts_release(&texts);
}

static void read_without_texts_keeps_none(void **state)
{
    (void)state;
    const struct cf_json_text *text = read_text(NULL, "[1, 2]");
    assert_true(cJSON_IsArray(text->root));
    cf_json_text_release(text);
}

/* So many others that it is not kept any more. */
static void held_text_outlives_all_others(void **state)
{
    struct cf_json_texts texts = {.count = 0};
    (void)state;
    const struct cf_json_text *held = read_text(&texts, "[\"held\"]");
    for (int i = 0; i < 2 * CF_JSON_TEXTS_MAX; i++) {
        char other[32];
        snprintf(other, sizeof(other), "[%d]", i);
        cf_json_text_release(read_text(&texts, other));
        assert_true(texts.count <= CF_JSON_TEXTS_MAX);
    }
    const struct cf_json_text *anew = read_text(&texts, "[\"held\"]");
    assert_ptr_not_equal(anew, held);
    cf_json_texts_release(&texts);
    assert_string_equal(cJSON_GetArrayItem(held->root, 0)->valuestring, "held");
    cf_json_text_release(held);
    cf_json_text_release(anew);
}

static void read_lately_is_kept_longer(void **state)
{
    struct cf_json_texts texts = {.count = 0};
    (void)state;
    const struct cf_json_text *often = read_text(&texts, "[\"often\"]");
    for (int i = 0; i < 2 * CF_JSON_TEXTS_MAX; i++) {
        char other[32];
        snprintf(other, sizeof(other), "[%d]", i);
        cf_json_text_release(read_text(&texts, other));
        const struct cf_json_text *again = read_text(&texts, "[\"often\"]");
        assert_ptr_equal(again, often);
        cf_json_text_release(again);
    }
    cf_json_text_release(often);
    cf_json_texts_release(&texts);
}

static void long_texts_are_kept_within_the_limit(void **state)
{
    enum { LONG_BYTES = CF_JSON_TEXTS_MAX_BYTES / 3 };
    struct cf_json_texts texts = {.count = 0};
    char *text = malloc(CF_JSON_TEXTS_MAX_BYTES + 1);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', CF_JSON_TEXTS_MAX_BYTES + 1);
    for (int i = 0; i < 5; i++) {
        text[0] = (char)('0' + i);
        cf_json_text_release(cf_json_texts_read(&texts, text, LONG_BYTES));
        assert_true(texts.bytes <= CF_JSON_TEXTS_MAX_BYTES);
    }
    assert_int_equal(texts.count, 3);
    const struct cf_json_text *longest =
        cf_json_texts_read(&texts, text, CF_JSON_TEXTS_MAX_BYTES + 1);
    assert_true(cJSON_IsNumber(longest->root));
    assert_int_equal(texts.count, 3);
    cf_json_text_release(longest);
    cf_json_texts_release(&texts);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_again_is_the_same_text),
        cmocka_unit_test(read_of_what_is_not_json_says_so_each_time),
        cmocka_unit_test(read_without_texts_keeps_none),
        cmocka_unit_test(held_text_outlives_all_others),
        cmocka_unit_test(read_lately_is_kept_longer),
        cmocka_unit_test(long_texts_are_kept_within_the_limit),
    };
    return UNIT_RUN(tests);
}

/* Errors: one printable line, however long and hostile what goes into it. */
#include "tests/unit/unit.h"

#include <errno.h>

static void set_keeps_code_and_text(void **state)
{
    (void)state;
    struct cf_err err = {0};
    assert_int_equal(cf_err_set(&err, CF_ETIMEOUT, "%d of %s", 3, "four"), CF_ETIMEOUT);
    assert_int_equal(err.code, CF_ETIMEOUT);
    assert_string_equal(err.text, "3 of four");
}

static void set_control_bytes_become_question_marks(void **state)
{
    (void)state;
    struct cf_err err = {0};
    (void)cf_err_set(&err, CF_EINPUT, "%s", "a\x1b[2Jb\r\nc\x7f\td");
    assert_string_equal(err.text, "a?[2Jb??c??d");
}

static void set_too_long_text_is_cut(void **state)
{
    (void)state;
    struct cf_err err;
    (void)cf_err_set(&err, CF_EINPUT, "%*s", CF_ERR_TEXT_MAX + 100, "x");
    assert_int_equal(strlen(err.text), CF_ERR_TEXT_MAX - 1);
}

static void set_without_object_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(cf_err_set(NULL, CF_ENET, "nobody reads this"), CF_ENET);
    assert_int_equal(cf_err_errno(NULL, ENOENT, "nor this"), CF_EIO);
    assert_int_equal(cf_err_prefix(NULL, "nor this"), CF_EINPUT);
}

static void errno_appends_the_systems_words(void **state)
{
    (void)state;
    struct cf_err err = {0};
    assert_int_equal(cf_err_errno(&err, EACCES, "cannot open %s", "door"), CF_EIO);
    assert_string_equal(err.text, "cannot open door: Permission denied");
}

static void prefix_goes_before_and_keeps_the_code(void **state)
{
    (void)state;
    struct cf_err err = {0};
    (void)cf_err_set(&err, CF_ELIMIT, "too much");
    assert_int_equal(cf_err_prefix(&err, "%s:%d", "file", 7), CF_ELIMIT);
    assert_int_equal(cf_err_prefix(&err, "whole"), CF_ELIMIT);
    assert_string_equal(err.text, "whole: file:7: too much");
}

static void prefix_longer_than_everything_is_cut(void **state)
{
    (void)state;
    struct cf_err err;
    (void)cf_err_set(&err, CF_EINPUT, "what");
    (void)cf_err_prefix(&err, "%*s", CF_ERR_TEXT_MAX + 5, "where");
    assert_int_equal(strlen(err.text), CF_ERR_TEXT_MAX - 1);
}

static void code_name_is_known_for_every_code(void **state)
{
    (void)state;
    assert_string_equal(cf_code_name(CF_OK), "ok");
    assert_string_equal(cf_code_name(CF_ESTOPPED), "stopped");
    assert_string_equal(cf_code_name(CF_CODE_COUNT), "unknown");
    for (int code = CF_OK; code < CF_CODE_COUNT; code++) {
        enum cf_code back;
        assert_true(cf_code_parse(cf_code_name((enum cf_code)code), &back));
        assert_int_equal(back, code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_keeps_code_and_text),
        cmocka_unit_test(set_control_bytes_become_question_marks),
        cmocka_unit_test(set_too_long_text_is_cut),
        cmocka_unit_test(set_without_object_returns_the_code),
        cmocka_unit_test(errno_appends_the_systems_words),
        cmocka_unit_test(prefix_goes_before_and_keeps_the_code),
        cmocka_unit_test(prefix_longer_than_everything_is_cut),
        cmocka_unit_test(code_name_is_known_for_every_code),
    };
    return UNIT_RUN(tests);
}

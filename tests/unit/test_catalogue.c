/* Case files: each faulty folder of data/cases.txt against what is to be said of it, and what a
 * good one holds. */
#include "harness/case/catalogue.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/unit/texts.h"

static struct cf_catalogue catalogue;
static struct cf_err err;
static struct cf_buf problems;
static const struct cf_step_form **forms;
static struct texts texts;

static int begin(void **state)
{
    (void)state;
    catalogue = (struct cf_catalogue){0};
    err = (struct cf_err){0};
    forms = cf_engine_forms(cf_cvm_engine());
    cf_buf_init(&problems, 1 << 20);
    texts_read(&texts, "data/cases.txt");
    texts_unpack(&texts);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_catalogue_release(&catalogue);
    cf_buf_release(&problems);
    free(forms);
    texts_release(&texts);
    return 0;
}

static void note(void *context, const char *text)
{
    (void)context;
    cf_buf_printf(&problems, "%s\n", text);
}

/* Load name as the shipped folder; what it says is in problems, the closing line last. */
static enum cf_code load(const char *name, const char *const *extra, size_t extra_count)
{
    const struct cf_engine *engine = cf_cvm_engine();
    struct cf_catalogue_language language = cf_engine_language(engine, forms);
    cf_catalogue_release(&catalogue);
    cf_buf_reset(&problems);
    enum cf_code code =
        cf_catalogue_load(&catalogue, name, extra, extra_count, &language, note, NULL, &err);
    if (code != CF_OK)
        cf_buf_printf(&problems, "%s\n", err.text);
    return code;
}

static void load_faulty_folders_tell_every_mistake(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < texts.count; i++) {
        const char *name = texts.entries[i].name;
        const char *says = texts_part(&texts.entries[i], "says");
        enum cf_code code = load(name, NULL, 0);
        if (!says && code != CF_OK)
            fail_msg("%s: %s", name, cf_buf_text(&problems));
        if (!says)
            continue;
        if (code == CF_OK || strcmp(cf_buf_text(&problems), says) != 0)
            fail_msg("%s:\n%snot\n%s", name, cf_buf_text(&problems), says);
        assert_null(catalogue.cases);
        count++;
    }
    assert_true(count > 75);
}

static void load_good_folder_is_understood(void **state)
{
    (void)state;
    if (load("good", NULL, 0) != CF_OK)
        fail_msg("%s", cf_buf_text(&problems));
    assert_int_equal(catalogue.requirement_count, 2);
    assert_int_equal(catalogue.case_count, 7);
    const struct cf_case *row = cf_catalogue_case(&catalogue, "s.r[b]");
    assert_non_null(row);
    assert_string_equal(row->title, "Row b");
    assert_string_equal(row->requirement->statement, "A sentence of two lines.");
    assert_string_equal(row->control, "s.r.twin");
    assert_string_equal(row->also[0], "t.other");
    assert_string_equal(row->needs_pics[0], "!instant_operations");
    assert_string_equal(cf_json_text(row->row, "field", ""), "memory");
    assert_int_equal(row->role_count, 1);
    assert_string_equal(row->roles[0].name, "cvm");
    assert_string_equal(row->roles[0].kind->name, "managed");
    char *line = cf_json_line_text(&row->requirement->doc, row->line + 1);
    assert_string_equal(line, "{\"observe\": \"before\"},");
    free(line);
    const struct cf_requirement *other = cf_catalogue_requirement(&catalogue, "t.other");
    assert_int_equal(other->level, CF_SHOULD);
    assert_string_equal(other->file, "cases/t/other.json");
    assert_false(other->extra);
    assert_null(cf_catalogue_requirement(&catalogue, "t.nothing"));
    assert_null(cf_catalogue_case(&catalogue, "s.r"));
}

static void case_is_found_by_its_id_and_knows_its_index(void **state)
{
    (void)state;
    assert_int_equal(load("good", NULL, 0), CF_OK);
    for (size_t i = 0; i < catalogue.case_count; i++) {
        assert_ptr_equal(cf_catalogue_case(&catalogue, catalogue.cases[i]->id), catalogue.cases[i]);
        assert_int_equal(catalogue.cases[i]->index, i);
    }
    assert_null(cf_catalogue_case(&catalogue, ""));
    assert_null(cf_catalogue_case(&catalogue, "zzz"));
}

static void case_checks_its_own_requirement_and_its_also(void **state)
{
    (void)state;
    assert_int_equal(load("good", NULL, 0), CF_OK);
    const struct cf_case *row = cf_catalogue_case(&catalogue, "s.r[b]");
    assert_string_equal(cf_case_requirement_id(row, 0), "s.r");
    assert_string_equal(cf_case_requirement_id(row, 1), "t.other");
    assert_null(cf_case_requirement_id(row, 2));
    assert_true(cf_case_checks(row, "s.r"));
    assert_true(cf_case_checks(row, "t.other"));
    assert_false(cf_case_checks(row, "s.r.twin"));
    assert_false(cf_case_checks(cf_catalogue_case(&catalogue, "s.r.twin"), "t.other"));
}

static void load_rows_multiply_in_order(void **state)
{
    (void)state;
    static const char *const ids[] = {"t.other[red,x]", "t.other[red,y]", "t.other[blue,x]",
                                      "t.other[blue,y]"};
    assert_int_equal(load("good", NULL, 0), CF_OK);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        const struct cf_case *one = catalogue.cases[catalogue.case_count - 4 + i];
        assert_string_equal(one->id, ids[i]);
        assert_string_equal(cf_json_text(one->row, "colour", ""), i < 2 ? "#f00" : "#00f");
        assert_true(cf_json_number(one->row, "n", 0) == (double)(1 + i % 2));
    }
}

static void load_digest_follows_names_and_bytes_of_shipped_files(void **state)
{
    (void)state;
    const char *const extra[] = {"good"};
    char first[65];
    assert_int_equal(load("good", NULL, 0), CF_OK);
    memcpy(first, catalogue.sha256, sizeof(first));
    assert_int_equal(strspn(first, "0123456789abcdef"), 64);
    assert_int_equal(load("good", NULL, 0), CF_OK);
    assert_string_equal(catalogue.sha256, first);
    assert_int_equal(load(CF_CASES, extra, 1), CF_OK);
    char with_extra[65];
    memcpy(with_extra, catalogue.sha256, sizeof(with_extra));
    assert_int_equal(load(CF_CASES, NULL, 0), CF_OK);
    assert_string_equal(catalogue.sha256, with_extra);
    assert_string_not_equal(first, with_extra);
}

static void load_extra_cases_keep_their_own_path(void **state)
{
    (void)state;
    const char *const extra[] = {"good"};
    assert_int_equal(load(CF_CASES, extra, 1), CF_OK);
    const struct cf_requirement *mine = cf_catalogue_requirement(&catalogue, "t.other");
    assert_true(mine->extra);
    assert_string_equal(mine->file, "good/t/other.json");
}

static void load_the_same_requirement_twice_is_refused(void **state)
{
    (void)state;
    const char *const extra[] = {"good"};
    assert_int_equal(load("good", extra, 1), CF_EINPUT);
    assert_non_null(strstr(cf_buf_text(&problems),
                           "good/s/r.json: requirement \"s.r\" is already in cases/s/r.json\n"));
}

static void load_missing_folder_is_told(void **state)
{
    (void)state;
    assert_int_equal(load("nowhere", NULL, 0), CF_ENOTFOUND);
    assert_string_equal(cf_buf_text(&problems), "no folder nowhere\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(load_faulty_folders_tell_every_mistake),
        TEST(load_good_folder_is_understood),
        TEST(case_is_found_by_its_id_and_knows_its_index),
        TEST(case_checks_its_own_requirement_and_its_also),
        TEST(load_rows_multiply_in_order),
        TEST(load_digest_follows_names_and_bytes_of_shipped_files),
        TEST(load_extra_cases_keep_their_own_path),
        TEST(load_the_same_requirement_twice_is_refused),
        TEST(load_missing_folder_is_told),
    };
    return UNIT_RUN(tests);
}

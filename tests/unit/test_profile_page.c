/* docs/profile.md against the code: what it has to name, and where each preset reads a field. */
#include "harness/base/name.h"
#include "suites/fields.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

static struct cf_buf page;

static int begin(void **state)
{
    (void)state;
    unit_read("../docs/profile.md", &page);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_buf_release(&page);
    return 0;
}

static void expect_named(const char *name)
{
    char marked[80];
    snprintf(marked, sizeof(marked), "`%s`", name);
    if (!strstr(cf_buf_text(&page), marked))
        fail_msg("%s is not in docs/profile.md", marked);
}

static void page_names_all_that_a_profile_may_name(void **state)
{
    (void)state;
    const struct cf_vocabulary *v = cf_cvm_engine()->vocabulary;
    const char *const *const lists[] = {v->pics_required, v->pics_optional, v->observed,
                                        v->presets,       v->hooks,         v->choices};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (const char *const *name = lists[i]; *name; name++)
            expect_named(*name);
    }
    for (const struct cf_fixture_kind *kind = v->fixture_kinds; kind->name; kind++)
        expect_named(kind->name);
}

/* As a cell of the table: "`/user_config`, whole", "the CVM at `/memory`, times 1024". */
static void put_cell(struct cf_buf *out, const char *name, enum cf_cvm_preset preset,
                     const struct cf_cvm_shown *shown)
{
    static const char cvm[] = "/api/v1/cvms/{cvm_id}";
    if (!shown->get) {
        bool hidden = cf_name_known(cf_cvm_field_names_hidden[preset], name);
        cf_buf_puts(out, hidden ? " out of sight |" : " – |");
        return;
    }
    const char *below = shown->get + strlen(cvm);
    cf_buf_printf(out, *below ? " `%s`" : " the CVM", below);
    cf_buf_printf(out, *shown->pointer ? " at `%s`" : ", whole", shown->pointer);
    if (shown->scale != 1)
        cf_buf_printf(out, ", times %.0f", shown->scale);
    cf_buf_puts(out, " |");
}

static void page_tells_where_each_preset_reads_a_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        struct cf_buf row = {0};
        cf_buf_printf(&row, "| `%s` |", cf_cvm_fields[i].name);
        put_cell(&row, cf_cvm_fields[i].name, CF_CVM_PRESET_2026,
                 &cf_cvm_fields[i].shown[CF_CVM_PRESET_2026]);
        put_cell(&row, cf_cvm_fields[i].name, CF_CVM_PRESET_2025,
                 &cf_cvm_fields[i].shown[CF_CVM_PRESET_2025]);
        if (!strstr(cf_buf_text(&page), cf_buf_text(&row)))
            fail_msg("docs/profile.md has no row %s", cf_buf_text(&row));
        cf_buf_release(&row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(page_names_all_that_a_profile_may_name, begin, end),
        cmocka_unit_test_setup_teardown(page_tells_where_each_preset_reads_a_field, begin, end),
    };
    return UNIT_RUN(tests);
}

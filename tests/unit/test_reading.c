/* Reading a CVM and comparing two readings, with an IUT that answers from a table. */
#include "harness/base/mem.h"
#include "harness/run/execute.h"
#include "harness/run/io.h"
#include "harness/run/kept.h"
#include "suites/reading.h"
#include "suites/suites.h"
#include "suites/words.h"
#include "tests/unit/unit.h"

/* ---- an IUT of three pages ---- */

struct page {
    const char *path_end; /* of the URL */
    int status;           /* 0: no answer, -1: one that cannot be taken */
    const char *type, *body;
};

struct table_io {
    struct cf_io io;
    const struct page *pages;
    struct cf_buf asked; /* paths, one a line */
    size_t len;          /* of a body; 0: up to its NUL */
};

static enum cf_code table_send(struct cf_io *io, const struct cf_http_request *request,
                               struct cf_exchange *out, struct cf_err *err)
{
    struct table_io *table = (struct table_io *)io;
    const char *path = strstr(request->url, "/cvms/");
    const char *end = path ? path + strlen("/cvms/id") : "";
    cf_buf_printf(&table->asked, "%s\n", end);
    out->method = strdup(request->method);
    out->url = strdup(request->url);
    for (const struct page *page = table->pages; page->path_end; page++) {
        if (strcmp(end, page->path_end) != 0)
            continue;
        if (page->status == 0)
            return cf_err_set(err, CF_ENET, "connection refused");
        if (page->status < 0)
            return cf_err_set(err, CF_ELIMIT, "the answer is too long");
        out->status = page->status;
        out->response_body.len = table->len ? table->len : strlen(page->body);
        out->response_body.bytes = cf_alloc(out->response_body.len + 1);
        memcpy(out->response_body.bytes, page->body, out->response_body.len);
        cf_headers_add(&out->response_headers, "Content-Type", page->type);
        return CF_OK;
    }
    out->status = 404;
    out->response_body.bytes = strdup("");
    return CF_OK;
}

static bool table_wait(struct cf_io *io, double ms, double deadline_ms)
{
    (void)io, (void)ms, (void)deadline_ms;
    return false;
}

static double table_now(struct cf_io *io)
{
    (void)io;
    return 0; /* nothing here depends on time */
}

static const struct cf_io_ops table_ops = {
    .send = table_send, .now = table_now, .wait = table_wait};

/* ---- a run of no case ---- */

struct fixture {
    struct table_io table;
    struct cf_profile profile;
    struct cf_case_record record;
    struct cf_case_setting setting;
    struct cf_case_run run;
    struct cf_requirement requirement;
    struct cf_case one;
    struct cf_cvm_reading before, after;
    struct cf_err err;
};

static struct fixture f;
static const char *const fixtures[] = {"id"};

static void use(const struct page *pages, const char *preset, const char *fields)
{
    struct cf_buf text;
    cf_buf_init(&text, 10000);
    cf_buf_printf(&text,
                  "{\"iut\":{\"name\":\"n\",\"version\":\"1\",\"base_url\":\"http://127.0.0.1:1\"},"
                  "\"pics\":{\"contract_owned_kms\":false,\"prepare_only\":false,"
                  "\"gpu_rental\":false},\"pixit\":{\"auth\":{\"header\":\"X-API-Key\","
                  "\"value_from\":{\"value\":\"a-secret\"}},\"cvms\":{\"managed\":[\"id\"],"
                  "\"contract_owned\":[],\"foreign\":[],\"gpu_rental\":[],\"unknown\":[]},"
                  "\"values\":{},\"observe\":{\"preset\":\"%s\",\"fields\":{%s}},"
                  "\"timing\":{\"settle_timeout_ms\":100,\"poll_interval_ms\":1,"
                  "\"request_timeout_ms\":100}}}",
                  preset, fields);
    if (cf_profile_parse(&f.profile, "p", cf_buf_text(&text), text.len, cf_cvm_engine()->vocabulary,
                         &f.err) != CF_OK)
        fail_msg("%s", f.err.text);
    cf_buf_release(&text);
    f.table.pages = pages;
    f.table.io.ops = &table_ops;
    cf_buf_init(&f.table.asked, 10000);
    f.setting = (struct cf_case_setting){.engine = cf_cvm_engine(), .profile = &f.profile};
    f.requirement = (struct cf_requirement){.level = CF_MUST, .file = strdup("cases/s/r.json")};
    f.one = (struct cf_case){.requirement = &f.requirement, .role_count = 1};
    f.one.roles[0].name = "cvm";
    cf_case_run_begin(&f.run, &f.setting, NULL, fixtures,
                      (struct cf_turn){.attempt = 1, .tries = 1}, &f.table.io, &f.record);
    f.run.one = &f.one;
}

static int begin(void **state)
{
    (void)state;
    f = (struct fixture){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_kept_drop(f.run.io, NULL);
    cf_cvm_reading_release(&f.before);
    cf_cvm_reading_release(&f.after);
    if (f.run.engine)
        cf_case_run_end(&f.run);
    cf_case_record_release(&f.record);
    cf_profile_release(&f.profile);
    cf_buf_release(&f.table.asked);
    free(f.requirement.file);
    return 0;
}

static const char *json_of(const struct cf_cvm_reading *reading)
{
    static char text[4000];
    struct cf_buf out;
    cJSON *all = cf_cvm_reading_json(reading);
    cf_buf_init(&out, sizeof(text) - 1);
    cf_json_print(&out, all);
    (void)snprintf(text, sizeof(text), "%s", cf_buf_text(&out));
    cf_buf_release(&out);
    cJSON_Delete(all);
    return text;
}

static const struct page whole[] = {
    {"", 200, "application/json",
     "{\"in_progress\":false,\"app_id\":\"0xa\",\"compose_hash\":\"h\",\"public_logs\":true,"
     "\"public_sysinfo\":false,\"public_tcbinfo\":false,\"os\":{\"name\":\"i-1\"},"
     "\"resource\":{\"vcpu\":2,\"memory_in_gb\":1.5,\"disk_in_gb\":20,\"gpus\":[]}}"},
    {"/compose_file", 200, "application/json",
     "{\"docker_compose_file\":\"a: 1\",\"allowed_envs\":[\"A\"]}"},
    {"/user_config", 200, "text/plain", "{\"x\": 1}"},
    {NULL, 0, NULL, NULL},
};

static void take_reads_every_field_where_the_preset_says(void **state)
{
    (void)state;
    use(whole, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    /* pre_launch_script is absent, which is a reading too; three fields have no place at all */
    assert_string_equal(json_of(&f.before),
                        "{\"docker_compose_file\":\"a: 1\",\"pre_launch_script\":null,"
                        "\"allowed_envs\":[\"A\"],\"public_logs\":true,\"public_sysinfo\":false,"
                        "\"public_tcbinfo\":false,\"user_config\":\"{\\\"x\\\": 1}\",\"gpus\":[],"
                        "\"vcpu\":2,\"memory\":1536,\"disk_size\":20480,\"image\":\"i-1\"}");
    assert_int_equal(cf_cvm_reading_busy(&f.before), 0);
    assert_string_equal(f.before.aspects[CF_CVM_APP_ID]->valuestring, "0xa");
    assert_string_equal(f.before.why_not[cf_cvm_field_index("encrypted_env")],
                        "encrypted_env is out of sight");
}

static void take_asks_for_each_page_once_and_first_for_progress(void **state)
{
    (void)state;
    use(whole, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_string_equal(cf_buf_text(&f.table.asked), "\n/compose_file\n/user_config\n");
}

/* The script as it is read from a page of len bytes of text. */
static void is_text(const char *bytes, size_t len, const char *expected)
{
    const struct page pages[] = {
        {"/script", 200, "text/plain", bytes},
        {NULL, 0, NULL, NULL},
    };
    if (f.run.engine) {
        end(NULL);
        begin(NULL);
    }
    use(pages, "2026-01-21",
        "\"pre_launch_script\":{\"get\":\"/api/v1/cvms/{cvm_id}/script\",\"pointer\":\"\","
        "\"format\":\"text\"}");
    f.table.len = len;
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    const cJSON *script = f.before.values[cf_cvm_field_index("pre_launch_script")];
    assert_non_null(script);
    assert_string_equal(script->valuestring, expected);
}

static void take_keeps_what_follows_a_nul_in_a_text(void **state)
{
#define NUL "\xef\xbf\xbd" /* as in JSON */
    (void)state;
    is_text("echo", 4, "echo");
    is_text("a\0b", 3, "a" NUL "b");
    is_text("a\0", 2, "a" NUL);
    is_text("\0a", 2, NUL "a");
    is_text("\0", 1, NUL);
    is_text("a\0\0b\0c", 6, "a" NUL NUL "b" NUL "c");
#undef NUL
}

static void running_counts_what_is_listed_so(void **state)
{
    (void)state;
    const struct page listed[] = {
        {"/operations", 200, "application/json",
         "{\"items\":[{\"status\":\"in_progress\"},{\"status\":\"completed\"},"
         "{\"correlation_id\":\"x\",\"status\":\"in_progress\"},{\"status\":7},3]}"},
        {NULL, 0, NULL, NULL},
    };
    use(listed, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_running(&f.run, "test", "id", &f.err), 2);
}

static void running_is_unknown_without_a_list(void **state)
{
    (void)state;
    const struct page pages[] = {
        {"/operations", 200, "application/json", "{\"items\":7}"},
        {NULL, 0, NULL, NULL},
    };
    use(pages, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_running(&f.run, "test", "id", &f.err), CF_CVM_UNKNOWN);
    assert_non_null(strstr(f.err.text, "answered 200 and shows no list of operations"));
}

static const struct page older[] = {
    {"", 200, "application/json",
     "{\"in_progress\":true,\"vcpu\":2,\"memory\":1536,\"disk_size\":20,\"base_image\":\"i-1\"}"},
    {"/compose_file", 200, "application/json", "{\"public_tcbinfo\":true}"},
    {NULL, 0, NULL, NULL},
};

static void take_knows_the_older_shape(void **state)
{
    (void)state;
    use(older, "2025-10-28", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_string_equal(json_of(&f.before),
                        "{\"docker_compose_file\":null,\"pre_launch_script\":null,"
                        "\"allowed_envs\":null,\"public_logs\":null,\"public_sysinfo\":null,"
                        "\"public_tcbinfo\":true,\"vcpu\":2,\"memory\":1536,\"disk_size\":20480,"
                        "\"image\":\"i-1\"}");
    assert_int_equal(cf_cvm_reading_busy(&f.before), 1);
    assert_false(f.before.observed[cf_cvm_field_index("user_config")]); /* 404 */
}

/* Its values are those of answers that nobody else holds any more. */
static void a_shared_reading_outlives_the_one_that_was_taken(void **state)
{
    (void)state;
    use(whole, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    char *once = strdup(json_of(&f.before));
    cf_cvm_reading_share(&f.after, &f.before);
    cf_cvm_reading_release(&f.before);
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    cf_cvm_reading_release(&f.before);
    assert_string_equal(json_of(&f.after), once);
    free(once);
    assert_true(cf_cvm_reading_busy(&f.after) == 0);
}

static void take_overrides_win_over_the_preset(void **state)
{
    (void)state;
    use(whole, "2026-01-21",
        "\"vcpu\":{\"get\":\"/api/v1/cvms/{cvm_id}\",\"pointer\":\"/resource/memory_in_gb\","
        "\"scale\":4},"
        "\"user_config\":{\"get\":\"/api/v1/cvms/{cvm_id}/user_config\",\"pointer\":\"/x\","
        "\"format\":\"json\"}");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_string_equal(f.before.values[cf_cvm_field_index("vcpu")]->valuestring, "6");
    assert_string_equal(f.before.values[cf_cvm_field_index("user_config")]->valuestring, "1");
}

static const struct page partial[] = {
    {"", 200, "application/json", "{\"resource\":{\"vcpu\":2}}"},
    {"/compose_file", 500, "text/html", "<h1>Oops</h1>"},
    {"/user_config", 200, "application/json", "{broken"},
    {NULL, 0, NULL, NULL},
};

static void take_says_of_each_field_why_it_was_not_read(void **state)
{
    (void)state;
    use(partial, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_false(f.before.observed[cf_cvm_field_index("docker_compose_file")]);
    assert_non_null(strstr(f.before.why_not[cf_cvm_field_index("docker_compose_file")], "500"));
    assert_false(f.before.observed[cf_cvm_field_index("user_config")]);
    assert_non_null(strstr(f.before.why_not[cf_cvm_field_index("user_config")], "user_config"));
    assert_true(f.before.observed[cf_cvm_field_index("vcpu")]);
    assert_int_equal(cf_cvm_reading_busy(&f.before), -1);
}

static const struct page nothing[] = {{NULL, 0, NULL, NULL}};

static void take_nothing_readable_is_an_error(void **state)
{
    (void)state;
    use(nothing, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_EPROTO);
    assert_non_null(strstr(f.err.text, "CVM id cannot be read"));
    assert_int_equal(f.run.last.exchange->status, 404);
}

static const struct page dead[] = {{"", 0, NULL, NULL}, {NULL, 0, NULL, NULL}};

static void take_no_answer_is_the_networks(void **state)
{
    (void)state;
    use(dead, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_ENET);
    assert_non_null(strstr(f.err.text, "connection refused"));
}

/* ---- comparing ---- */

static void put(struct cf_cvm_reading *reading, const char *field, const char *json)
{
    int i = cf_cvm_field_index(field);
    struct cf_json_doc doc = unit_json(json);
    if (!reading->lent[i])
        cJSON_Delete(reading->values[i]);
    reading->lent[i] = false;
    reading->values[i] = doc.root;
    reading->observed[i] = true;
    doc.root = NULL;
    cf_json_release(&doc);
}

static int compare(const char *asked, bool report)
{
    struct cf_json_doc doc = unit_json(asked);
    int count = cf_cvm_reading_compare(&f.run, &f.before, &f.after, doc.root, report);
    cf_json_release(&doc);
    return count;
}

static void arrange_two_readings(void)
{
    use(nothing, "2026-01-21", "");
    put(&f.before, "vcpu", "2");
    put(&f.before, "image", "\"i-1\"");
    put(&f.before, "allowed_envs", "[\"A\",\"B\"]");
    put(&f.after, "vcpu", "2");
    put(&f.after, "image", "\"i-1\"");
    put(&f.after, "allowed_envs", "[\"B\",\"A\"]");
}

static void compare_the_same_finds_nothing(void **state)
{
    (void)state;
    arrange_two_readings();
    assert_int_equal(compare("{}", true), 0);
    assert_int_equal(compare("{\"vcpu\": 2}", true), 0);
    assert_false(f.run.over);
}

static void compare_tells_of_fields_applied_and_fields_left(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "image", "\"i-2\"");
    assert_int_equal(compare("{\"vcpu\": 4}", false), 2);
    assert_int_equal(f.record.failure_count, 0);
    assert_int_equal(compare("{\"vcpu\": 4}", true), 2);
    assert_int_equal(f.record.verdict, CF_FAIL);
    assert_int_equal(f.record.failure_count, 2);
    assert_string_equal(f.record.failures[0].expected, "vcpu: integer 4");
    assert_string_equal(f.record.failures[0].actual, "vcpu: integer 2");
    assert_string_equal(f.record.failures[0].message, "a field of the request was not applied");
    assert_string_equal(f.record.failures[1].expected, "image: string \"i-1\"");
    assert_string_equal(f.record.failures[1].actual, "image: string \"i-2\"");
    assert_string_equal(f.record.failures[1].message, "a field that should not have changed did");
}

static void compare_tells_another_value_from_none(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "vcpu", "3");
    assert_int_equal(compare("{\"vcpu\": 4}", true), 1);
    assert_string_equal(f.record.failures[0].actual, "vcpu: integer 3");
    assert_string_equal(f.record.failures[0].message, "a field of the request has another value");
}

static void compare_asked_and_unreadable_is_inconclusive(void **state)
{
    (void)state;
    arrange_two_readings();
    assert_int_equal(compare("{\"user_config\": \"x\"}", true), CF_CVM_UNKNOWN);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    assert_non_null(strstr(f.record.reason, "user_config cannot be observed"));
}

static void compare_another_type_is_inconclusive_too(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "vcpu", "\"two\"");
    (void)compare("{\"vcpu\": 2}", true);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    assert_non_null(strstr(f.record.reason, "another type"));
}

static void compare_what_is_wrong_is_told_before_what_is_unseen(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "image", "\"i-2\"");
    assert_int_equal(compare("{\"docker_compose_file\": \"x\"}", true), 1);
    assert_int_equal(f.record.verdict, CF_FAIL);
}

static void compare_fields_that_vanish_from_sight_are_inconclusive(void **state)
{
    (void)state;
    arrange_two_readings();
    f.after.observed[cf_cvm_field_index("image")] = false;
    assert_int_equal(compare("{}", true), CF_CVM_UNKNOWN);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    assert_non_null(strstr(f.record.reason, "image cannot be observed any more"));
}

static void compare_fields_unread_before_are_not_known_to_be_unchanged(void **state)
{
    (void)state;
    arrange_two_readings();
    f.before.unread[cf_cvm_field_index("user_config")] = true;
    (void)snprintf(f.before.why_not[cf_cvm_field_index("user_config")], CF_CVM_WHY_BYTES,
                   "GET http://h/u: answered 502");
    put(&f.after, "user_config", "\"new\"");
    assert_int_equal(compare("{\"user_config\": \"new\"}", true), 0); /* it is what was asked */
    assert_int_equal(compare("{}", false), CF_CVM_UNKNOWN);
    assert_false(f.run.over);
    assert_int_equal(compare("{}", true), CF_CVM_UNKNOWN);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    assert_string_equal(f.record.reason, "user_config could not be observed before: "
                                         "GET http://h/u: answered 502");
}

static const struct page unlisted[] = {
    {"", 200, "application/json", "{\"in_progress\":false}"},
    {"/operations", 200, "application/json", "{\"items\":[]}"},
    {NULL, 0, NULL, NULL},
};
static const struct page listless[] = {
    {"/operations", 200, "application/json", "{\"items\":null}"},
    {NULL, 0, NULL, NULL},
};
static const struct page unread[] = {
    {"", 500, "text/html", "<h1>Oops</h1>"},
    {"/operations", 503, "text/html", "<h1>Oops</h1>"},
    {"/user_config", 200, "text/plain", "x"},
    {NULL, 0, NULL, NULL},
};

static void operation_in_no_list_is_not_one_missing_from_a_list(void **state)
{
    static const struct {
        const struct page *pages;
        enum cf_cvm_listing listing;
    } table[] = {{unlisted, CF_CVM_NOT_LISTED},
                 {listless, CF_CVM_NO_LIST},
                 {nothing, CF_CVM_NO_LIST},
                 {unread, CF_CVM_LIST_UNREAD}};
    (void)state;
    use(unlisted, "2026-01-21", "");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char status[16];
        f.table.pages = table[i].pages;
        assert_int_equal(cf_cvm_reading_operation(&f.run, CF_CVM_LOOK, "id", "c", status,
                                                  sizeof(status), &f.err),
                         table[i].listing);
    }
    assert_non_null(strstr(f.err.text, "/api/v1/cvms/id/operations: answered 503"));
}

static void busy_flag_that_cannot_be_read_is_not_idle(void **state)
{
    (void)state;
    use(unread, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_int_equal(cf_cvm_reading_busy(&f.before), -1);
    assert_non_null(strstr(f.before.why_not_busy, "answered 500"));
}

static void compare_fields_never_seen_do_not_matter(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "user_config", "\"new\""); /* not observed before */
    assert_int_equal(compare("{}", true), 0);
    assert_false(f.run.over);
}

static void compare_a_field_left_alone_of_another_type_is_never_a_failure(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.after, "vcpu", "\"two\"");
    assert_int_equal(compare("{}", true), CF_CVM_UNKNOWN);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    assert_non_null(strstr(f.record.reason, "another type"));
}

static void expect_passed_over(const char *asked, const char *why)
{
    char actual[160] = "";
    struct cf_json_doc doc = unit_json(asked);
    assert_int_equal(compare(asked, true), 0);
    assert_false(f.run.over);
    assert_true(
        cf_cvm_reading_passes_over(&f.run, &f.before, &f.after, doc.root, actual, sizeof(actual)));
    assert_string_equal(actual, why);
    assert_non_null(strstr(f.record.observation, why));
    cf_json_release(&doc);
}

static void compare_what_is_out_of_sight_is_passed_over_and_noted(void **state)
{
    (void)state;
    arrange_two_readings();
    expect_passed_over("{\"encrypted_env\": \"00\"}", "encrypted_env is out of sight");
}

static void compare_the_rest_is_judged_beside_what_is_out_of_sight(void **state)
{
    (void)state;
    arrange_two_readings();
    assert_int_equal(compare("{\"encrypted_env\": \"00\", \"vcpu\": 4}", true), 1);
    assert_int_equal(f.record.verdict, CF_FAIL);
}

static void compare_an_object_of_user_config_hides_other_texts(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.before, "user_config", "{\"hostname\": \"a\"}");
    put(&f.after, "user_config", "{\"hostname\": \"b\"}");
    assert_int_equal(compare("{\"user_config\": \"{\\\"hostname\\\": \\\"b\\\"}\"}", false), 0);
    assert_int_equal(compare("{\"user_config\": \"{\\\"hostname\\\": \\\"c\\\"}\"}", false), 1);
    expect_passed_over("{\"user_config\": \"plain text\"}",
                       "what the read side shows of user_config has nothing of this text");
}

static void round_sizes(double before, double after)
{
    int memory = cf_cvm_field_index("memory");
    arrange_two_readings();
    put(&f.before, "memory", "1");
    put(&f.after, "memory", "1");
    cJSON_SetNumberValue(f.before.values[memory], before);
    cJSON_SetNumberValue(f.after.values[memory], after);
    f.before.grain[memory] = f.after.grain[memory] = 1024;
}

static void compare_a_rounded_size_may_be_what_it_is_rounded_from(void **state)
{
    (void)state;
    round_sizes(2048, 4096);
    assert_int_equal(compare("{\"memory\": 4096}", false), 0);
    assert_int_equal(compare("{\"memory\": 4600}", false), 0);
    assert_int_equal(compare("{\"memory\": 3500}", false), 0);
    assert_int_equal(compare("{\"memory\": 5120}", false), 1);
    assert_int_equal(compare("{\"memory\": 3072}", false), 1);
}

static void compare_a_change_that_rounding_hides_is_passed_over(void **state)
{
    (void)state;
    round_sizes(4096, 4096);
    expect_passed_over("{\"memory\": 4500}",
                       "the size is shown rounded, and this change is lost in it");
}

static void compare_a_number_of_gpus_is_compared_with_the_number_asked_for(void **state)
{
    (void)state;
    arrange_two_readings();
    put(&f.before, "gpus", "2");
    put(&f.after, "gpus", "1");
    assert_int_equal(compare("{\"gpus\": {\"gpus\": [{\"slot\": \"a\"}]}}", false), 0);
    assert_int_equal(compare("{\"gpus\": {\"gpus\": []}}", false), 1);
}

static void take_knows_how_far_a_size_is_rounded(void **state)
{
    (void)state;
    use(whole, "2026-01-21", "");
    assert_int_equal(cf_cvm_reading_take(&f.run, "id", "test", &f.before, &f.err), CF_OK);
    assert_true(f.before.grain[cf_cvm_field_index("disk_size")] == 1024);
    assert_true(f.before.grain[cf_cvm_field_index("memory")] > 102.3);
    assert_true(f.before.grain[cf_cvm_field_index("memory")] < 102.5);
    assert_true(f.before.grain[cf_cvm_field_index("vcpu")] == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static const struct page endless[] = {{"", -1, "", ""}, {NULL, 0, NULL, NULL}};

/* A reading asks nothing of the contract, so settling cannot fail a case, whatever the step says.
 */
static void settle_proves_nothing(void **state)
{
    (void)state;
    struct cf_json_doc step = unit_json("{\"settle\": \"cvm\"}");
    use(endless, "2026-01-21", "");
    cf_cvm_word_settle.run(&f.run, step.root);
    assert_int_equal(f.record.verdict, CF_INCONCLUSIVE);
    cf_json_release(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(take_reads_every_field_where_the_preset_says),
        TEST(take_asks_for_each_page_once_and_first_for_progress),
        TEST(take_keeps_what_follows_a_nul_in_a_text),
        TEST(running_counts_what_is_listed_so),
        TEST(running_is_unknown_without_a_list),
        TEST(take_knows_the_older_shape),
        TEST(a_shared_reading_outlives_the_one_that_was_taken),
        TEST(take_overrides_win_over_the_preset),
        TEST(take_says_of_each_field_why_it_was_not_read),
        TEST(take_nothing_readable_is_an_error),
        TEST(take_no_answer_is_the_networks),
        TEST(compare_the_same_finds_nothing),
        TEST(compare_tells_of_fields_applied_and_fields_left),
        TEST(compare_tells_another_value_from_none),
        TEST(compare_asked_and_unreadable_is_inconclusive),
        TEST(compare_another_type_is_inconclusive_too),
        TEST(compare_what_is_wrong_is_told_before_what_is_unseen),
        TEST(compare_fields_that_vanish_from_sight_are_inconclusive),
        TEST(compare_fields_never_seen_do_not_matter),
        TEST(compare_a_field_left_alone_of_another_type_is_never_a_failure),
        TEST(compare_what_is_out_of_sight_is_passed_over_and_noted),
        TEST(compare_the_rest_is_judged_beside_what_is_out_of_sight),
        TEST(compare_an_object_of_user_config_hides_other_texts),
        TEST(compare_a_rounded_size_may_be_what_it_is_rounded_from),
        TEST(compare_a_change_that_rounding_hides_is_passed_over),
        TEST(compare_a_number_of_gpus_is_compared_with_the_number_asked_for),
        TEST(take_knows_how_far_a_size_is_rounded),
        TEST(compare_fields_unread_before_are_not_known_to_be_unchanged),
        TEST(operation_in_no_list_is_not_one_missing_from_a_list),
        TEST(busy_flag_that_cannot_be_read_is_not_idle),
        TEST(settle_proves_nothing),
    };
    return UNIT_RUN(tests);
}

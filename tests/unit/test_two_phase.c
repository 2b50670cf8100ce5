/* Finding the compose hash and the commit token: every row of data/suites/locate.json. There HASH
 * stands for a hash and OTHER for another one. */
#include "suites/two_phase.h"
#include "tests/unit/made_answer.h"

static const char hash[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
static const char other[] = "f0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/* The JSON text with HASH and OTHER filled in. */
static void fill_in(struct cf_buf *out, const char *text)
{
    while (*text) {
        if (strncmp(text, "HASH", 4) == 0) {
            cf_buf_puts(out, hash);
            text += 4;
        } else if (strncmp(text, "OTHER", 5) == 0) {
            cf_buf_puts(out, other);
            text += 5;
        } else {
            cf_buf_putc(out, *text++);
        }
    }
}

static void check(const char *name, const char *what, cJSON *found, const char *wanted)
{
    struct cf_buf full;
    cf_buf_init(&full, 1000);
    fill_in(&full, wanted ? wanted : "");
    if (!found != !wanted || (found && strcmp(found->valuestring, cf_buf_text(&full)) != 0))
        fail_msg("%s: %s is %s", name, what, found ? found->valuestring : "not found");
    cf_buf_release(&full);
    cJSON_Delete(found);
}

static void locate_rows_are_found_or_not(void **state)
{
    (void)state;
    struct cf_json_doc doc = unit_json_file("data/suites/locate.json");
    const cJSON *row;
    cJSON_ArrayForEach(row, doc.root)
    {
        struct made_answer made;
        struct cf_buf text;
        struct cf_buf body;
        const cJSON *header = cf_json_get(row, "header");
        const char *name = cf_json_text(row, "name", "?");
        cf_buf_init(&text, 10000);
        cf_buf_init(&body, 10000);
        if (cf_json_get(row, "body"))
            cf_json_print(&text, cf_json_get(row, "body"));
        cf_buf_puts(&text, cf_json_text(row, "text", ""));
        fill_in(&body, cf_buf_text(&text));
        answer_make(&made, 465, cf_json_get(row, "text") ? "text/plain" : "application/json",
                    body.len ? cf_buf_text(&body) : NULL);
        if (header) {
            struct cf_buf value;
            cf_buf_init(&value, 1000);
            fill_in(&value, header->child->valuestring);
            cf_headers_add(&made.exchange.response_headers, header->child->string,
                           cf_buf_text(&value));
            cf_buf_release(&value);
        }
        check(name, "the hash", cf_cvm_locate_compose_hash(&made.answer),
              cf_json_text(row, "hash", NULL));
        check(name, "the token", cf_cvm_locate_commit_token(&made.answer),
              cf_json_text(row, "token", NULL));
        answer_release(&made);
        cf_buf_release(&text);
        cf_buf_release(&body);
    }
    cf_json_release(&doc);
}

static void is_hash_wants_64_digits(void **state)
{
    (void)state;
    char text[80];
    assert_true(cf_cvm_is_hash(hash));
    (void)snprintf(text, sizeof(text), "0x%s", hash);
    assert_true(cf_cvm_is_hash(text));
    (void)snprintf(text, sizeof(text), "0X%s", hash);
    assert_true(cf_cvm_is_hash(text));
    (void)snprintf(text, sizeof(text), "%s0", hash);
    assert_false(cf_cvm_is_hash(text));
    assert_false(cf_cvm_is_hash(hash + 1));
    assert_false(cf_cvm_is_hash(""));
    assert_false(cf_cvm_is_hash("0x"));
    (void)snprintf(text, sizeof(text), "g%s", hash + 1);
    assert_false(cf_cvm_is_hash(text));
}

static void hash_digits_are_found_in_every_spelling(void **state)
{
    (void)state;
    static const char *const before[] = {"", "0x", "sha256:", "sha256-", "urn:hash:sha256:"};
    char text[100];
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        (void)snprintf(text, sizeof(text), "%s%s", before[i], hash);
        assert_ptr_equal(cf_cvm_hash_digits(text), text + strlen(before[i]));
        (void)snprintf(text, sizeof(text), "%s%s0", before[i], hash);
        assert_null(cf_cvm_hash_digits(text));
    }
    assert_null(cf_cvm_hash_digits(""));
    assert_null(cf_cvm_hash_digits("sha256:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locate_rows_are_found_or_not),
        cmocka_unit_test(is_hash_wants_64_digits),
        cmocka_unit_test(hash_digits_are_found_in_every_spelling),
    };
    return UNIT_RUN(tests);
}

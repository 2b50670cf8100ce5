/* Judging answers of a hostile server. The input's first line is an "expect" object of a case file,
 * the second the answer's status and Content-Type, the rest its body. */
#define _GNU_SOURCE /* memmem() */
#include "harness/match/expect.h"
#include "suites/suites.h"
#include "tests/fuzz/fuzz.h"

struct input {
    struct cf_json_doc expect;
    struct cf_json_doc body;
    struct cf_exchange exchange;
    struct cf_answer answer;
};

static void count(void *context, const struct cf_mismatch *mismatch)
{
    PROMISE(mismatch->origin && mismatch->expected && mismatch->actual && mismatch->message);
    (*(size_t *)context)++;
}

/* Returns what follows the line; NULL where there is none. */
static const char *next_line(const char *at, const char *end)
{
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return newline ? newline + 1 : NULL;
}

static void set_answer(struct input *input, const char *line, const char *body, const char *end)
{
    char type[64];
    struct cf_err err = {0};
    size_t len = (size_t)(body - 1 - line);
    len = len < sizeof(type) ? len : sizeof(type) - 1;
    memcpy(type, line, len);
    type[len] = '\0';
    input->exchange.status = (int)strtol(type, NULL, 10) % 1000;
    cf_headers_add(&input->exchange.response_headers, "Content-Type",
                   strchr(type, ' ') ? strchr(type, ' ') + 1 : "");
    input->answer.exchange = &input->exchange;
    if (cf_json_parse(&input->body, "body", body, (size_t)(end - body), 0, &err) == CF_OK)
        input->answer.json = input->body.root;
    else
        input->answer.json_error = "not JSON";
}

static void judge(struct input *input)
{
    struct cf_err err = {0};
    const struct cf_expect_word *const *words = cf_cvm_engine()->expect_words;
    size_t told = 0;
    if (cf_expect_check(&input->expect, input->expect.root, "", words, &err) == CF_OK) {
        bool good = cf_expect_judge(input->expect.root, input->expect.root, &input->answer, words,
                                    count, &told);
        PROMISE(good == (told == 0));
    } else {
        PROMISE(err.text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};
    struct cf_err err = {0};
    const char *text = (const char *)data;
    const char *end = text + size;
    const char *status = next_line(text, end);
    const char *body = status ? next_line(status, end) : NULL;
    /* Expressions are a case file's own, and the C library's to run. */
    if (!body || memmem(text, (size_t)(status - text), "matches", 7))
        return 0;
    if (cf_json_parse(&input.expect, "expect", text, (size_t)(status - 1 - text), CF_JSON_FILE,
                      &err) == CF_OK) {
        set_answer(&input, status, body, end);
        judge(&input);
    }
    cf_json_release(&input.expect);
    cf_json_release(&input.body);
    cf_exchange_release(&input.exchange);
    return 0;
}

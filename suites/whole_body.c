#include "suites/whole_body.h"

#include <string.h>

/* What a gateway or a cache says in JSON: nothing, one word, or of an error. */
static bool tells_of_trouble(const cJSON *body)
{
    static const char *const words[] = {"error", "errors", "error_code", "detail", "message"};
    bool found = !body->child;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        found = found || (cJSON_IsObject(body) && cf_json_get(body, words[i]));
    return found;
}

bool cf_cvm_may_be_value(const struct cf_answer *answer, const struct cf_cvm_shown *shown)
{
    bool as_text = shown->format && strcmp(shown->format, "text") == 0;
    bool as_json = cf_answer_says_json(answer) || !as_text;
    return !cf_exchange_says_html(answer->exchange) &&
           !(as_json && answer->json && tells_of_trouble(answer->json));
}

#include "suites/explore_marks.h"
#include "suites/model/value_kinds.h"

#include <stdio.h>
#include <string.h>

/* Which word a mark is, from 1; it is added where it is not known yet. */
static int word_number(cJSON *words, const char *mark)
{
    char text[CF_CVM_MODEL_MARK_BYTES + 1];
    int number = 1;
    const cJSON *word;
    snprintf(text, sizeof(text), "%s", mark);
    cJSON_ArrayForEach(word, words)
    {
        if (strcmp(word->valuestring, text) == 0)
            return number;
        number++;
    }
    cJSON_AddItemToArray(words, cJSON_CreateString(text));
    return number;
}

static void refer_in_text(cJSON *words, cJSON *node)
{
    struct cf_buf out = {0};
    const char *at = node->valuestring;
    for (const char *mark = cf_cvm_model_find_mark(at); mark; mark = cf_cvm_model_find_mark(at)) {
        cf_buf_append(&out, at, (size_t)(mark - at));
        cf_buf_printf(&out, "${word%d}", word_number(words, mark));
        at = mark + CF_CVM_MODEL_MARK_BYTES;
    }
    cf_buf_puts(&out, at);
    cJSON_SetValuestring(node, cf_buf_text(&out));
    cf_buf_release(&out);
}

/* Each mark becomes a reference to a random word. */
static void refer_to_words(cJSON *words, cJSON *node)
{
    if (cJSON_IsString(node) && cf_cvm_model_find_mark(node->valuestring))
        refer_in_text(words, node);
    cJSON *child;
    if (cJSON_IsArray(node) || cJSON_IsObject(node)) {
        cJSON_ArrayForEach(child, node) refer_to_words(words, child);
    }
}

void cf_cvm_explore_refer(cJSON *steps, cJSON *let)
{
    cJSON *words = cJSON_CreateArray();
    refer_to_words(words, steps);
    for (int i = 1; i <= cJSON_GetArraySize(words); i++) {
        char name[24];
        snprintf(name, sizeof(name), "word%d", i);
        cJSON_AddStringToObject(let, name, "${random.word}");
    }
    cJSON_Delete(words);
}

bool cf_cvm_explore_has_marks(const cJSON *sequence)
{
    struct cf_buf text = {0};
    cf_json_print(&text, sequence);
    bool found = cf_cvm_model_find_mark(cf_buf_text(&text)) != NULL;
    cf_buf_release(&text);
    return found;
}

/* The order of a survey, and ids that nobody has; see survey.h. */
#include "cli/init/survey.h"

#include <stdlib.h>
#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"

/* The id in its own form, with every digit made 0; "-none" after it; and a word. */
static char *unlikely_id(const char *id, size_t which)
{
    struct cf_buf out = {0};
    bool hex = strspn(id, "0123456789abcdefABCDEF-") == strlen(id);
    if (which == 2) {
        cf_buf_puts(&out, "no-such-cvm");
        return cf_buf_take(&out, NULL);
    }
    for (const char *c = id; *c; c++) {
        bool zero = (*c >= '0' && *c <= '9') || (hex && *c != '-');
        cf_buf_putc(&out, zero ? '0' : *c);
    }
    if (which == 1 && hex)
        out.data[out.len - 1] = '1';
    else if (which == 1)
        cf_buf_puts(&out, "-none");
    return cf_buf_take(&out, NULL);
}

static void find_unknown(struct cf_survey *survey)
{
    size_t found = 0;
    for (size_t which = 0; which < 3 && found < 2; which++) {
        char *id = unlikely_id(survey->cvms[0].id, which);
        struct cf_look_answer answer;
        cf_survey_ask(survey, CVM, id, survey->preset, &answer);
        bool is_new = answer.status == 404;
        for (size_t i = 0; i < survey->cvm_count; i++)
            is_new = is_new && strcmp(survey->cvms[i].id, id) != 0;
        if (is_new)
            survey->unknown[found++] = id;
        else
            free(id);
        cf_look_answer_release(&answer);
    }
    if (found == 0)
        cf_gap_add(survey->gaps, "/pixit/cvms/unknown",
                   "no id was found that the server answers with 404; name one that nobody has");
}

void cf_survey_look(struct cf_survey *survey)
{
    cf_survey_find_preset(survey);
    cf_survey_find_places(survey);
    find_unknown(survey);
}

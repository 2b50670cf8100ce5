#include "cli/init/listing.h"
#include "cli/init/survey.h"
#include "reports/escape.h"
#include "suites/reading.h"

#include <stdio.h>
#include <string.h>

enum { PAGES_MAX = 100, SHOWN_MAX = 1024, NAME_BYTES = 60 };

/* The id by which a CVM is asked for: the first of these that is a text. */
static const char *id_of(const cJSON *item)
{
    static const char *const places[] = {
        "/id", "/hosted/instance_id", "/hosted/id", "/instance_id", "/vm_uuid", "/app_id"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const cJSON *id = cf_json_at(item, places[i]);
        if (cJSON_IsString(id) && *id->valuestring)
            return id->valuestring;
    }
    return NULL;
}

static void print_cell(const char *text, int width)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), NAME_BYTES);
    printf("%-*s", width, cf_buf_text(&shown));
    cf_buf_release(&shown);
}

static void print_cvm(const cJSON *item, const char *id)
{
    enum cf_survey_kind kind = cf_survey_kms(item);
    print_cell(id, 38);
    print_cell(cf_survey_kind_name(kind), 16);
    print_cell(cf_json_text(item, "status", "?"), 10);
    print_cell(cf_json_text(item, "name", ""), 0);
    printf("\n");
}

static void print_items(const cJSON *items, size_t *count)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, items)
    {
        const char *id = id_of(item);
        if (id && (*count)++ < SHOWN_MAX)
            print_cvm(item, id);
    }
}

/* The paginated list, from its first page, which is answer's document. */
static void print_pages(struct cf_look *look, struct cf_look_answer *answer, size_t *count)
{
    for (int page = 2; page <= PAGES_MAX; page++) {
        char path[64];
        print_items(cf_json_get(answer->doc.root, "items"), count);
        if (cf_json_number(answer->doc.root, "pages", 1) < page || *count >= SHOWN_MAX)
            return;
        cf_look_answer_release(answer);
        snprintf(path, sizeof(path), "/api/v1/cvms/paginated?page=%d&page_size=100", page);
        cf_look_get(look, path, cf_cvm_presets[CF_CVM_PRESET_2026], answer);
    }
}

enum cf_code cf_listing_print(struct cf_look *look, size_t *out_count, struct cf_err *err)
{
    static const char *const paths[] = {"/api/v1/cvms/paginated?page=1&page_size=100",
                                        "/api/v1/cvms"};
    enum cf_code code = CF_EPROTO;
    bool answered = true;
    *out_count = 0;
    for (size_t i = 0; i < 2 && code != CF_OK && answered; i++) {
        struct cf_look_answer answer;
        cf_look_get(look, paths[i], cf_cvm_presets[CF_CVM_PRESET_2026], &answer);
        const cJSON *root = answer.doc.root;
        bool is_page = cJSON_IsArray(cf_json_get(root, "items"));
        if (answer.status != 200)
            code = cf_err_set(err, CF_EPROTO, "%s%s", answer.why,
                              answer.status == 401 ? ": the credential is refused" : "");
        else if (!is_page && !cJSON_IsArray(root))
            code = cf_err_set(err, CF_EPROTO, "%s, but with no list of CVMs", answer.why);
        else
            code = CF_OK;
        if (code == CF_OK && is_page)
            print_pages(look, &answer, out_count);
        else if (code == CF_OK)
            print_items(root, out_count);
        answered = answer.status > 0 && answer.status != 401;
        cf_look_answer_release(&answer);
    }
    return code;
}

/* Render a saved run: render FORMAT RESULTS OUT, or compare-FORMAT OLD OUT NEW */
#include "reports/annotate.h"
#include "reports/compare.h"
#include "reports/console.h"
#include "reports/har.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/results_json.h"
#include "reports/tap.h"

#include <stdio.h>
#include <string.h>

typedef enum cf_code write_fn(const struct cf_report_source *source, const char *path,
                              struct cf_err *err);

static enum cf_code console(const struct cf_report_source *source, const char *path,
                            struct cf_err *err)
{
    return cf_report_console_write(source, NULL, path, err);
}

static enum cf_code colour(const struct cf_report_source *source, const char *path,
                           struct cf_err *err)
{
    struct cf_console_options options = {.colour = true};
    return cf_report_console_write(source, &options, path, err);
}

static const struct {
    const char *format;
    write_fn *write;
} writers[] = {{"annotate", cf_report_annotate_github_write},
               {"colour", colour},
               {"console", console},
               {"har", cf_report_har_write},
               {"html", cf_report_html_write},
               {"json", cf_report_json_write},
               {"junit", cf_report_junit_write},
               {"markdown", cf_report_markdown_write},
               {"tap", cf_report_tap_write}};

static enum cf_code render(const char *format, const struct cf_report_source *source,
                           const char *path, struct cf_err *err)
{
    for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
        if (strcmp(format, writers[i].format) == 0)
            return writers[i].write(source, path, err);
    }
    return cf_err_set(err, CF_EINPUT, "no such format: %s", format);
}

static enum cf_code open_source(const char *path, struct cf_results **results,
                                struct cf_report_source *source, struct cf_err *err)
{
    enum cf_code code = cf_results_open(results, path, err);
    if (code == CF_OK)
        cf_report_source_init(source, *results);
    return code;
}

static enum cf_code compare(const char *format, const struct cf_report_source *before,
                            const char *path, const char *new_path, struct cf_err *err)
{
    struct cf_results *results = NULL;
    struct cf_report_source after = {0};
    struct cf_report_comparison comparison = {0};
    enum cf_code code = open_source(new_path, &results, &after, err);
    if (code == CF_OK)
        code = cf_report_compare(&comparison, before, &after, err);
    if (code == CF_OK && strcmp(format, "compare-json") == 0)
        code = cf_report_compare_write_json(&comparison, path, err);
    else if (code == CF_OK && strcmp(format, "compare-markdown") == 0)
        code = cf_report_compare_write_markdown(&comparison, path, err);
    else if (code == CF_OK)
        code = cf_report_compare_write_text(&comparison, path, err);
    cf_report_comparison_release(&comparison);
    cf_report_source_release(&after);
    cf_results_close(results);
    return code;
}

int main(int argc, char **argv)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    if (argc < 4)
        return 2;
    enum cf_code code = open_source(argv[2], &results, &source, &err);
    if (code == CF_OK)
        code = argc > 4 ? compare(argv[1], &source, argv[3], argv[4], &err)
                        : render(argv[1], &source, argv[3], &err);
    if (code != CF_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    cf_report_source_release(&source);
    cf_results_close(results);
    return code != CF_OK;
}

/* Render a saved run: render FORMAT RESULTS OUT [causes] */
#include "reports/console.h"
#include "reports/json.h"
#include "reports/junit.h"

#include <stdio.h>
#include <string.h>

static enum cf_code render(const char *format, const struct cf_report_source *source,
                           const char *path, struct cf_err *err)
{
    struct cf_console_options options = {.colour = strcmp(format, "colour") == 0};
    if (strcmp(format, "json") == 0)
        return cf_report_json_write(source, path, err);
    if (strcmp(format, "junit") == 0)
        return cf_report_junit_write(source, path, err);
    return cf_report_console_write(source, &options, path, err);
}

int main(int argc, char **argv)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    if (argc < 4)
        return 2;
    enum cf_code code = cf_results_open(&results, argv[2], &err);
    if (code == CF_OK)
        code = cf_report_source_init(&source, results, &err);
    if (code == CF_OK)
        code = render(argv[1], &source, argv[3], &err);
    if (code != CF_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    cf_report_source_release(&source);
    cf_results_close(results);
    return code != CF_OK;
}

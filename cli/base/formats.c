#include "cli/base/formats.h"
#include "cli/base/terminal.h"
#include "reports/annotate.h"
#include "reports/console.h"
#include "reports/har.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/results_json.h"
#include "reports/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum cf_code write_fn(const struct cf_report_source *source, const char *path,
                              struct cf_err *err);

static const struct {
    const char *name;
    write_fn *write;
} formats[] = {{"html", cf_report_html_write},         {"junit", cf_report_junit_write},
               {"markdown", cf_report_markdown_write}, {"tap", cf_report_tap_write},
               {"har", cf_report_har_write},           {"json", cf_report_json_write}};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };
_Static_assert((int)FORMATS == (int)CF_FORMATS, "each format has an option");

enum cf_code cf_format_write(const char *name, const struct cf_report_source *source,
                             const char *path, struct cf_err *err)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].write(source, path, err);
    }
    abort(); /* our own bug: there is no such format */
}

enum cf_code cf_formats_write(const struct cf_args *args, const struct cf_report_source *source,
                              int *written, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < FORMATS; i++) {
        const char *path = cf_text(args, formats[i].name, NULL);
        if (!path)
            continue;
        code = formats[i].write(source, path, err);
        (*written)++;
    }
    return code;
}

size_t cf_formats_paths(const struct cf_args *args, const char *out[CF_FORMATS])
{
    for (size_t i = 0; i < FORMATS; i++)
        out[i] = cf_text(args, formats[i].name, NULL);
    return FORMATS;
}

enum cf_code cf_console_write(const struct cf_report_source *source, bool colour, bool quiet,
                              struct cf_err *err)
{
    struct cf_console_options options = {.colour = colour, .quiet = quiet};
    fflush(stdout);
    return cf_report_console_write(source, &options, "-", err);
}

enum cf_code cf_annotations_write(const struct cf_report_source *source, struct cf_err *err)
{
    fflush(stdout);
    return cf_report_annotate_github_write(source, "-", err);
}

bool cf_annotate_check(const struct cf_args *args)
{
    const char *where = cf_text(args, "annotate", "github");
    return strcmp(where, "github") == 0 || strcmp(where, "none") == 0 ||
           cf_refuse("--annotate: \"%s\" is not github or none", where);
}

bool cf_annotate_asked(const struct cf_args *args)
{
    return strcmp(cf_text(args, "annotate", "none"), "github") == 0;
}

bool cf_annotate_expected(const struct cf_args *args)
{
    const char *in_job = getenv("GITHUB_ACTIONS");
    return in_job && strcmp(in_job, "true") == 0 && !cf_given(args, "annotate");
}

void cf_job_summary_write(const struct cf_report_source *source)
{
    struct cf_err err = {0};
    struct cf_buf text = {0};
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    const char *in_job = getenv("GITHUB_ACTIONS");
    if (!in_job || strcmp(in_job, "true") != 0 || !path || *path == '\0')
        return;
    enum cf_code code = cf_report_markdown_put(&text, source, &err);
    FILE *page = code == CF_OK ? fopen(path, "ae") : NULL;
    if (code != CF_OK)
        cf_complain("the job's summary: %s", err.text);
    else if (!page || fwrite(text.data, 1, text.len, page) != text.len || fflush(page) != 0)
        cf_complain("the job's summary: cannot write %s: %s", path, strerror(errno));
    if (page)
        fclose(page);
    cf_buf_release(&text);
}

bool cf_colour_read(const struct cf_args *args, bool *out_colour)
{
    const char *when = cf_text(args, "color", "auto");
    const char *no_color = getenv("NO_COLOR");
    *out_colour = strcmp(when, "always") == 0;
    if (strcmp(when, "auto") == 0)
        *out_colour = cf_terminal_draws(STDOUT_FILENO) && !(no_color && *no_color);
    else if (!*out_colour && strcmp(when, "never") != 0)
        return cf_refuse("--color: \"%s\" is not auto, always or never", when);
    return true;
}

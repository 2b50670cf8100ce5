#include "cli/run_reports.h"
#include "cli/base/formats.h"
#include "harness/base/name.h"

#include <stdio.h>
#include <string.h>

static const char *const formats[] = {"json", "junit", "html", "markdown", "tap", "har", NULL};
const char *const cf_run_report_files[] = {
    "results.json", "junit.xml", "report.html", "summary.md", "report.tap", "report.har", NULL};

static bool add_name(const char *name, unsigned *wanted)
{
    for (size_t i = 0; formats[i]; i++) {
        if (strcmp(formats[i], name) == 0) {
            *wanted |= 1u << i;
            return true;
        }
    }
    return cf_refuse("--report: there is no report called \"%s\"; the nearest is \"%s\"", name,
                     cf_name_nearest(formats, name) ? cf_name_nearest(formats, name) : formats[0]);
}

bool cf_run_reports_read(const char *text, unsigned *out_wanted)
{
    struct cf_buf name = {0};
    bool good = true;
    *out_wanted = 0;
    while (good) {
        size_t len = strcspn(text, ",");
        cf_buf_reset(&name);
        cf_buf_append(&name, text, len);
        good = add_name(cf_buf_text(&name), out_wanted);
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    cf_buf_release(&name);
    return good;
}

bool cf_run_reports_write(unsigned wanted, const char *folder,
                          const struct cf_report_source *source)
{
    bool good = true;
    for (size_t i = 0; formats[i]; i++) {
        struct cf_err err = {0};
        struct cf_buf path = {0};
        if (!(wanted & 1u << i))
            continue;
        cf_buf_printf(&path, "%s/%s", folder, cf_run_report_files[i]);
        if (cf_format_write(formats[i], source, cf_buf_text(&path), &err) != CF_OK)
            good = cf_refuse("%s", err.text);
        cf_buf_release(&path);
    }
    return good;
}

/* The HTML report's style and script, made from html/page.css and html/page.js at build time. */
#ifndef CF_REPORTS_HTML_ASSETS_H
#define CF_REPORTS_HTML_ASSETS_H

#include <stddef.h>

extern const unsigned char cf_report_html_style[];
extern const size_t cf_report_html_style_len;
extern const unsigned char cf_report_html_script[];
extern const size_t cf_report_html_script_len;

#endif

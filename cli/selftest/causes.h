/*
 * What the shipped kill matrix says of a run: which requirements are proven able to fail, and which
 * deviations its failures look like.
 */
#ifndef CF_CLI_SELFTEST_CAUSES_H
#define CF_CLI_SELFTEST_CAUSES_H

#include "cli/selftest/kill_matrix.h"
#include "reports/report.h"

/* How many may be told as one, where nothing tells them apart. */
enum { CF_CAUSES_MAX = 10, CF_CAUSES_ALIKE_MAX = 4 };

struct cf_causes {
    const struct cf_kill_matrix *matrix; /* empty when there is none for this catalogue */
    struct cf_kill_matrix own;           /* where none was given */
    struct cf_report_cause items[CF_CAUSES_MAX];
    const char **explained[CF_CAUSES_MAX]; /* the items' lists of cases */
    const char *others[CF_CAUSES_MAX][CF_CAUSES_ALIKE_MAX];
    char *sentences[CF_CAUSES_MAX]; /* of items that may be one of several; else NULL */
    size_t count;
};

/* Take the matrix that is shipped with the cases: shipped, which is borrowed, or read anew where
 * that is NULL. One of another catalogue is left alone, as is any when the catalogue is not known
 * (NULL). causes stays where it is until it is released. */
void cf_causes_init(struct cf_causes *causes, const char *catalogue_sha256,
                    const struct cf_kill_matrix *shipped);
void cf_causes_release(struct cf_causes *causes);

/* Compare each of the run's findings with the matrix: the deviation nearest to it goes to items,
 * once, and the source's reports tell; the source borrows causes. Several bugs at once have a
 * finding each. Where the matrix cannot tell a few deviations apart in what ran, one of them stands
 * for all. None is named unless they account for the run (chance.h). Nothing failed, or no
 * matrix: there are none. Errors: those of cf_report_read(). */
CF_MUST_CHECK enum cf_code cf_causes_name(struct cf_causes *causes, struct cf_report_source *source,
                                          struct cf_err *err);

#endif

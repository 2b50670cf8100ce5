/* Requests and answers of a case for a terminal, as curl -v shows them. */
#ifndef CF_CLI_EXCHANGES_H
#define CF_CLI_EXCHANGES_H

#include "harness/base/buf.h"

/* Append those of a record, one line of results.ndjson: "> " before what was sent, "< " before what
 * came, "* " before what happened. Secrets are in no record; nothing of the implementation's can
 * move a terminal's cursor. A line that is not a record appends nothing. */
void cf_exchanges_put(struct cf_buf *out, const char *line, size_t len);

#endif

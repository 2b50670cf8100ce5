/*
 * Whose a CVM is that the profile lists as another workspace's.
 *
 * A CVM of the workspace's own takes updates, as it should: listed as foreign by mistake it must
 * neither be changed, since nobody puts it back, nor make a server fail. A server that lets the key
 * of one workspace into another answers the same way, so what tells the two apart is the list of
 * the credential's CVMs, which has none of others.
 */
#ifndef CF_SUITES_FOREIGN_H
#define CF_SUITES_FOREIGN_H

#include "harness/run/run.h"

/* Before a request to a CVM of the kind "foreign": inconclusive where the list has it. */
void cf_cvm_foreign_withhold(struct cf_case_run *run, const cJSON *step);
/* After its answer, the last one, where it is none that another's CVM may get: inconclusive where
 * the list has it, or where there is no list, and the CVM itself can be read. */
void cf_cvm_foreign_answered(struct cf_case_run *run, const cJSON *step);

/* Whether any member of a CVM as it is read or listed, or of an object in it, is that id. */
bool cf_cvm_names(const cJSON *item, const char *id);

#endif

/* The domain as the engine takes it: everything that knows what a CVM is. */
#ifndef CF_SUITES_SUITES_H
#define CF_SUITES_SUITES_H

#include "harness/run/engine.h"

/* The vocabulary of profiles, the words of case files, and the housekeeping of CVMs. Static. */
const struct cf_engine *cf_cvm_engine(void);

#endif

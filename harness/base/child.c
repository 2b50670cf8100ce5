#include "harness/base/child.h"

#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif
#ifdef CF_COVERAGE
void __gcov_dump(void);
#endif

void cf_child_end(int status)
{
#if defined(__SANITIZE_ADDRESS__)
    if (__lsan_do_recoverable_leak_check() != 0)
        status = CF_CHILD_LEAKED;
#endif
#ifdef CF_COVERAGE
    __gcov_dump();
#endif
    _exit(status);
}

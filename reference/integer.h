/* Numbers of JSON as integers. */
#ifndef CF_REF_INTEGER_H
#define CF_REF_INTEGER_H

#include <stdbool.h>

enum cf_ref_integer_result {
    CF_REF_INTEGER_OK,
    CF_REF_INTEGER_FRACTION, /* a number, but no integer */
    CF_REF_INTEGER_HUGE      /* an integer beyond 64 bits */
};

/* The value of an RFC 8259 number, exactly: no detour by floating point. out_negative is written
 * in every case. */
enum cf_ref_integer_result cf_ref_integer(const char *literal, long long *out, bool *out_negative);

#endif

/* What validators check too little, too much or not at all; a conforming one follows the schema. */
#ifndef CF_REF_CHECK_BUGS_H
#define CF_REF_CHECK_BUGS_H

#include "reference/switches.h"

enum cf_ref_check_point {
    /* checks that are left out */
    CF_REF_AT_BODY_TYPE, /* the body is an object */
    CF_REF_AT_TEXT_TYPE, /* a number or boolean is not a string */
    CF_REF_AT_FRACTION,  /* 1.5 is not an integer */
    CF_REF_AT_ENV_NAME,
    CF_REF_AT_GPUS_MEMBER,
    CF_REF_AT_GPU_LIST,
    CF_REF_AT_GPU,
    CF_REF_AT_SLOT_MEMBER,
    CF_REF_AT_SLOT_TYPE,
    CF_REF_AT_PRODUCT_ID,
    CF_REF_AT_ATTACH_MODE,
    /* refusals of what the schema allows */
    CF_REF_AT_NULL,
    CF_REF_AT_OTHER_MODE, /* an attach_mode that the schema does not name */
    CF_REF_AT_UNKNOWN_MEMBER,
    CF_REF_AT_DUPLICATE,
    /* numbers: the value is the bound instead */
    CF_REF_AT_TIMEOUT_MIN,
    CF_REF_AT_TIMEOUT_MAX,
    /* where a careless server crashes */
    CF_REF_THROWS_AT_TEXT,
    CF_REF_THROWS_AT_WRONG_TEXT,
    CF_REF_THROWS_AT_LIST,
    CF_REF_THROWS_AT_HUGE,
    CF_REF_THROWS_AT_NULL,
    CF_REF_THROWS_AT_DUPLICATE
};

/* Circumstances. */
enum {
    CF_REF_NOT_FIRST = 1,    /* of a list */
    CF_REF_IS_LIST = 1 << 1, /* the value's type */
    CF_REF_IS_NULL = 1 << 2,
    CF_REF_IS_NUMBER = 1 << 3,
    CF_REF_IS_LONG = 1 << 4, /* half a megabyte of text, ten thousand elements */
    CF_REF_OF_SIZE = 1 << 5, /* the field: vcpu, memory or disk_size */
    CF_REF_OF_TIMEOUT = 1 << 6,
    CF_REF_OF_GPUS = 1 << 7,
    CF_REF_OF_SCRIPT = 1 << 8,
    CF_REF_OF_USER_CONFIG = 1 << 9,
    CF_REF_IS_CUT_AT_64 = 1 << 10 /* the 64th byte of a text is not the last one of its character */
};

/* Whether a bug or a liberty shows here under these circumstances. */
bool cf_ref_check_slips(const struct cf_ref_switches *on, enum cf_ref_check_point point,
                        uint32_t facts);

/* The bound that holds here: usual, or a bug's. */
long long cf_ref_check_bound(const struct cf_ref_switches *on, enum cf_ref_check_point point,
                             long long usual);

#endif

/*
 * What parent and workers say to each other over a socket pair: orders down, frames up. Both sides
 * are one program image, so structs travel as they are.
 */
#ifndef CF_POOL_WIRE_H
#define CF_POOL_WIRE_H

#include "harness/case/catalogue.h"
#include "harness/run/run.h"

#include <stdint.h>

enum { CF_GROUP_MAX = 16 };

enum cf_order_type {
    CF_ORDER_CASES,     /* run a group of cases on leased fixtures */
    CF_ORDER_PREFLIGHT, /* is the IUT there? */
    CF_ORDER_SNAPSHOT,  /* read a fixture */
    CF_ORDER_RESTORE,   /* bring a fixture back; the snapshot's text follows */
    CF_ORDER_FAULT /* go on with the case that stopped, before its fault or when it was ended */
};

struct cf_order {
    uint32_t type;
    uint32_t count;               /* of cases */
    uint32_t items[CF_GROUP_MAX]; /* plan indices; housekeeping: the fixture's index */
    uint32_t fixtures[CF_ROLES_MAX];
    uint32_t another; /* a bit a role: the worker was not the last to have its fixture */
    uint32_t tries;   /* of cases: this one included */
    uint32_t failed_on[CF_TRIES_MAX]; /* as struct cf_turn has it, fixtures' indices */
    uint32_t failed_on_count;
    int32_t failed_at;
    char forms[CF_FORMS_MAX][CF_FORM_BYTES]; /* as struct cf_turn has them */
    uint32_t form_count;
    uint32_t seeks_lock; /* of cases: as struct cf_turn has it */
    uint32_t mend;       /* CF_ORDER_RESTORE: call the hooks that end faults first */
    uint32_t payload_len;
};

/* A case's frame holds enum cf_case_end in its flags; or this one alone, where the case was not
 * begun because one before it in its group left their fixture unfit. */
#define CF_FRAME_NOT_BEGUN (1u << 31)

/* The record of a case that was not in the order: it shares what one of the order did, whose own
 * frame comes next. */
#define CF_FRAME_SHARED (1u << 30)

/* It was not refused, in a row of cases that are elsewhere. */
#define CF_FRAME_DISTURBS (1u << 29)

/* An answer of it was a 5xx. */
#define CF_FRAME_MET_5XX (1u << 28)

/* Of CF_ORDER_PREFLIGHT: it is not over, but can find nothing wrong any more. */
#define CF_FRAME_FITS 1u

/* Of CF_ORDER_FAULT: it has ended; else it is to begin. */
#define CF_FRAME_FAULT_ENDED 1u

struct cf_frame {
    uint32_t type;   /* of the order it answers */
    uint32_t index;  /* plan index, or fixture index */
    int32_t verdict; /* enum cf_verdict; housekeeping: enum cf_code */
    uint32_t flags;
    uint32_t requests;        /* sent so far by this worker */
    uint32_t operations;      /* started by the case, or by the housekeeping */
    uint32_t besides;         /* started since the frame before, and in no case's record */
    uint32_t exchanges;       /* of the case's last try */
    int32_t fails_at;         /* of CF_END_OPERATION: the step */
    char form[CF_FORM_BYTES]; /* of CF_END_FORM */
    uint32_t payload_len;     /* the record's JSON line; a snapshot; an error's text */
};

#endif

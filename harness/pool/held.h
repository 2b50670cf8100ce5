/*
 * Cases of which each is refused what it asks for, one after the other on one fixture: one look
 * afterwards tells for all of them that nothing changed.
 *
 * Each runs as if its own look had found what the look before it found (cf_io.assume). Then the
 * fixture is looked at once, and each is judged anew over its exchanges and that look. Where one of
 * them does not pass so, whoever ran them runs each again, alone, to find which it was. Where that
 * tells nothing, because what they ask for is there already, the fixture is put back to what it was
 * before them, and each runs once more; if that tells nothing either, what the look showed stands.
 */
#ifndef CF_POOL_HELD_H
#define CF_POOL_HELD_H

#include "harness/run/execute.h"
#include "harness/run/kept.h"

struct cf_held {
    const struct cf_case *one;
    const char *const *fixtures; /* the main one is that of all */
    struct cf_case_record *record;
    double started_ms; /* io's time */
    size_t looks;      /* the exchanges from here on are the look that was assumed */
    /* What it comes to by the look that was taken; judged: its exchanges could be judged so. */
    struct cf_case_record outcome;
    unsigned outcome_end; /* enum cf_case_end */
    bool judged;
};

/* Look at the fixture, and judge each by that, the look counted as the first one's. True: all
 * passed. */
bool cf_held_judge(const struct cf_case_setting *setting, struct cf_io *io,
                   struct cf_held *const *held, size_t count);

/* Bring the fixture back to what those reads of it told (kept.h), which are released, by an update
 * of it, which is added to *operations. False: it could not be. */
bool cf_held_put_back(const struct cf_case_setting *setting, struct cf_io *io,
                      const struct cf_held *held, struct cf_kept *before, uint32_t *operations);

/* Put the outcome in the place of the record. */
void cf_held_take(struct cf_held *held);
void cf_held_release(struct cf_held *held);

#endif

/* Legal and illegal values for exploring: drawn at random, and never the same text twice. */
#ifndef CF_SUITES_EXPLORE_VALUES_H
#define CF_SUITES_EXPLORE_VALUES_H

#include "harness/base/digest.h"
#include "harness/case/profile.h"

/* A legal value of the field; NULL where the profile has none to move between. plain: none that is
 * there for its form. */
cJSON *cf_cvm_explore_value(struct cf_random *random, const struct cf_profile *profile, int field,
                            bool plain);
/* A value that is easily taken for none: "", [], false, the least number, null where that is a
 * value. NULL: it has none. */
cJSON *cf_cvm_explore_falsy(struct cf_random *random, const struct cf_profile *profile, int field);
/* An object of one field with a value that a server may refuse, but not take for another one: a
 * size beyond 32 bits, a long text, blanks, marks. hashed: also of what is part of the hash. */
cJSON *cf_cvm_explore_odd(struct cf_random *random, const struct cf_profile *profile, bool hashed);
/* A text of one of the two files that some servers refuse for its characters, or one that they
 * refuse for its length: more than 64 KiB, or longer, more than 256. */
cJSON *cf_cvm_explore_odd_text(struct cf_random *random, const char *name);
cJSON *cf_cvm_explore_odd_word(struct cf_random *random);
cJSON *cf_cvm_explore_long(struct cf_random *random, const char *name, bool longer);
/* A value that no server may take for the field, of so many that there are. */
uint32_t cf_cvm_explore_fault_count(int field);
cJSON *cf_cvm_explore_fault(struct cf_random *random, int field);
/* JSON of ours as a tree. */
cJSON *cf_cvm_explore_parsed(const char *json);
/* Whether one of so many in a hundred. */
bool cf_cvm_explore_chance(struct cf_random *random, uint32_t percent);

/* The plainest value of a field with the mark of this one; NULL where it has no mark. */
cJSON *cf_cvm_explore_plainest(int field, const cJSON *value);

/* The value as it is written in a case file, where a text may hold references; an empty text for
 * NULL. */
cJSON *cf_cvm_explore_literal(const cJSON *value);

#endif

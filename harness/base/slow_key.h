/*
 * A key made of a password so slowly that nobody can try many: PBKDF2-HMAC-SHA-256 (RFC 8018),
 * 100000 rounds, which takes some 50 ms.
 */
#ifndef CF_BASE_SLOW_KEY_H
#define CF_BASE_SLOW_KEY_H

#include <stddef.h>

enum { CF_SLOW_KEY_BYTES = 32, CF_SLOW_KEY_SALT_BYTES = 16 };

/* The last one made is kept, for a run has two uses of one key. A libcrypto that is set up without
 * what this needs ends the process, with a line on standard error. */
void cf_slow_key(const char *password, const unsigned char salt[CF_SLOW_KEY_SALT_BYTES],
                 unsigned char out[CF_SLOW_KEY_BYTES]);
/* The first half of the SHA-256 of the text. */
void cf_slow_key_salt(const char *text, unsigned char out[CF_SLOW_KEY_SALT_BYTES]);

#endif

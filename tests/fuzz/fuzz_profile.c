/* Profiles from anywhere: refused with a place, or whole. */
#include "harness/case/profile.h"
#include "suites/suites.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_profile profile;
    struct cf_err err = {0};
    (void)setenv("CF_TEST_KEY", "secret-of-the-test", 1);
    enum cf_code code = cf_profile_parse(&profile, "p", (const char *)data, size,
                                         cf_cvm_engine()->vocabulary, &err);
    if (code == CF_OK) {
        PROMISE(profile.base_url && profile.auth_header && profile.auth.value && profile.preset);
        PROMISE(profile.settle_timeout_ms > 0);
    } else {
        PROMISE(err.text[0] != '\0');
        PROMISE(strncmp(err.text, "p:", 2) == 0);
    }
    cf_profile_release(&profile);
    return 0;
}

#include "cli/completion/completion.h"

#include <stdlib.h>
#include <string.h>

const char *const cf_completion_shells[] = {"bash", "zsh", "fish", NULL};

void cf_completion_put(struct cf_buf *out, const char *shell,
                       const struct cf_command *const *commands)
{
    typedef void put_fn(struct cf_buf *, const struct cf_command *const *);
    static put_fn *const writers[] = {cf_completion_put_bash, cf_completion_put_zsh,
                                      cf_completion_put_fish};
    for (size_t i = 0; cf_completion_shells[i]; i++) {
        if (strcmp(cf_completion_shells[i], shell) == 0) {
            writers[i](out, commands);
            return;
        }
    }
    abort(); /* our own bug */
}

#include "harness/pool/forms.h"
#include "harness/pool/records.h"

#include <stdio.h>
#include <string.h>

enum { KNOWN_AFTER = 3 }; /* cases that met one in each of their tries, with none that lost it */

static struct cf_form *form_of(struct cf_pool_state *pool, const char *text)
{
    for (size_t i = 0; i < pool->form_count; i++) {
        if (strcmp(pool->forms[i].text, text) == 0)
            return &pool->forms[i];
    }
    if (pool->form_count == CF_FORMS_MAX)
        return NULL;
    struct cf_form *form = &pool->forms[pool->form_count++];
    (void)snprintf(form->text, sizeof(form->text), "%.*s", CF_FORM_BYTES - 1, text);
    return form;
}

static void know(struct cf_pool_state *pool, struct cf_form *form)
{
    form->known = true;
    cf_pool_tell(pool, CF_EVENT_TROUBLE,
                 "%d cases got \"%s\" without JSON in each of %d tries: it is taken for the "
                 "implementation's own, and others are not tried again for it",
                 KNOWN_AFTER, form->text, CF_TRIES_MAX);
}

void cf_forms_learn(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame)
{
    struct cf_item *item = &pool->items[index];
    bool met = (frame->flags & CF_END_FORM) != 0;
    struct cf_form *form = met ? form_of(pool, frame->form) : item->met;
    if (!form || form->known)
        return;
    if (!met || (item->met && item->met != form))
        (item->met ? item->met : form)->lost = true;
    else if (!form->lost && item->tries + 1 == CF_TRIES_MAX && ++form->kept == KNOWN_AFTER)
        know(pool, form);
    item->met = met ? form : NULL;
}

bool cf_forms_put_off(const struct cf_frame *frame)
{
    return (frame->flags & CF_END_FORM) && !(frame->flags & CF_END_STUCK);
}

void cf_forms_order(const struct cf_pool_state *pool, struct cf_order *order)
{
    for (size_t i = 0; i < pool->form_count; i++) {
        if (pool->forms[i].known)
            memcpy(order->forms[order->form_count++], pool->forms[i].text, CF_FORM_BYTES);
    }
}

#include "reference/rules.h"

static bool applies(const struct cf_ref_switches *on, const struct cf_ref_rule *rule, int point,
                    uint32_t facts)
{
    return rule->point == point && (facts & rule->when) == rule->when && !(facts & rule->unless) &&
           cf_ref_has(on, rule->id);
}

const struct cf_ref_rule *cf_ref_rule(const struct cf_ref_switches *on,
                                      const struct cf_ref_rules *rules, int point, uint32_t facts)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (applies(on, &rules->rows[i], point, facts))
            return &rules->rows[i];
    }
    return NULL;
}

uint32_t cf_ref_rules_mask(const struct cf_ref_switches *on, const struct cf_ref_rules *rules,
                           int point, uint32_t facts)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < rules->count; i++) {
        if (applies(on, &rules->rows[i], point, facts))
            mask |= rules->rows[i].value;
    }
    return mask;
}

const char *cf_ref_rules_text(const struct cf_ref_switches *on, const struct cf_ref_rules *rules,
                              int point, uint32_t facts, const char *usual)
{
    const struct cf_ref_rule *rule = cf_ref_rule(on, rules, point, facts);
    return rule ? rule->text : usual;
}

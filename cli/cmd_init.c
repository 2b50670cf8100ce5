/* cvm-conformance init */
#include "cli/base/target.h"
#include "cli/commands.h"
#include "cli/init/draft.h"
#include "cli/init/guesses.h"
#include "cli/init/listing.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/http/url.h"
#include "suites/suites.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cf_option options[] = {
    {.name = "base-url", .arg = "URL", .help = "where the server is; the contract's paths follow"},
    {.name = "service", .arg = "NAME", .help = "what is known of a service: phala-cloud"},
    {.name = "key-env", .arg = "NAME", .help = "the environment variable that holds the API key"},
    {.name = "key-file", .arg = "FILE", .help = "the file that holds it"},
    {.name = "header", .arg = "NAME", .help = "the header that carries it (X-API-Key)"},
    {.name = "ca-file", .arg = "FILE", .help = "trust these authorities (PEM), not the system's"},
    {.name = "cvm",
     .arg = "ID",
     .help = "a CVM that runs may change; without any, the CVMs are listed",
     .repeatable = true},
    {.name = "foreign", .arg = "ID", .help = "a CVM of another workspace", .repeatable = true},
    {.name = "gpu-rental", .arg = "ID", .help = "a CVM that rents GPUs", .repeatable = true},
    {.name = "value",
     .arg = "FIELD=JSON",
     .help = "values for a field, in place of what would be guessed",
     .repeatable = true},
    {.name = "name", .arg = "NAME", .help = "what reports call the server (its host)"},
    {.name = "out", .arg = "FILE", .help = "where to write the profile (profile.json)"},
    {.name = "force", .help = "overwrite it"},
    {0}};

/* Services that are known by name: docs/contract has their pages. */
static const struct service {
    const char *id;
    const char *name;
    const char *base_url;
    const char *auth_header;
    const char *key_env;
    bool hashes_outlive_runs;
} services[] = {
    {"phala-cloud", "Phala Cloud", "https://cloud-api.phala.com", "X-API-Key",
     "PHALA_CLOUD_API_KEY", true},
};

/* What the command line says, once it has been found to make sense. */
struct wish {
    const struct cf_args *args;
    struct cf_draft_terms terms;
    char *base_url; /* owned, and the rest */
    char *key_file, *ca_file, *host, *version, *hooks;
    struct cf_credential key;
    const char *out;
};

static void wish_release(struct wish *wish)
{
    cf_credential_release(&wish->key);
    free(wish->base_url);
    free(wish->key_file);
    free(wish->ca_file);
    free(wish->host);
    free(wish->version);
    free(wish->hooks);
}

static const struct service *find_service(const char *id, bool *out_good)
{
    *out_good = true;
    for (size_t i = 0; id && i < sizeof(services) / sizeof(services[0]); i++) {
        if (strcmp(services[i].id, id) == 0)
            return &services[i];
    }
    *out_good = !id || cf_refuse("unknown service \"%s\"; known: phala-cloud", id);
    return NULL;
}

/* ---- the server and the key ---- */

static bool read_url(struct wish *wish, const struct service *service)
{
    struct cf_err err = {0};
    const char *url = cf_text(wish->args, "base-url", service ? service->base_url : NULL);
    bool tls;
    if (!url)
        return cf_refuse("init needs --base-url URL or --service NAME");
    if (cf_http_check_base_url(url, &wish->terms.local, &tls, &err) != CF_OK)
        return cf_refuse("--base-url: %s", err.text);
    wish->base_url = cf_strdup(url);
    for (size_t len = strlen(url); len > 0 && wish->base_url[len - 1] == '/'; len--)
        wish->base_url[len - 1] = '\0';
    const char *host = strstr(url, "://") + 3;
    wish->host = cf_strndup(host, strcspn(host, "/"));
    wish->terms.base_url = wish->base_url;
    wish->terms.name = cf_text(wish->args, "name", service ? service->name : wish->host);
    return true;
}

/* The path as the profile may have it wherever it is: absolute. */
static bool read_path(const char *option, const char *path, char **out)
{
    *out = path ? realpath(path, NULL) : NULL;
    return !path || *out || cf_refuse("--%s: there is no file %s", option, path);
}

static bool read_key(struct wish *wish, const struct service *service)
{
    const struct cf_args *args = wish->args;
    const char *env = cf_text(args, "key-env", NULL);
    const char *file = cf_text(args, "key-file", NULL);
    struct cf_buf from = {0};
    struct cf_json_doc doc = {0};
    struct cf_err err = {0};
    if (!env && !file && service)
        env = service->key_env;
    if (!env == !file)
        return cf_refuse("init needs the API key from one of --key-env NAME, --key-file FILE");
    if (!read_path("key-file", file, &wish->key_file) ||
        !read_path("ca-file", cf_text(args, "ca-file", NULL), &wish->ca_file))
        return false;
    wish->terms.key_env = env;
    wish->terms.key_file = wish->key_file;
    wish->terms.ca_file = wish->ca_file;
    wish->terms.auth_header = cf_text(args, "header", service ? service->auth_header : "X-API-Key");
    cf_buf_puts(&from, env ? "{\"env\": " : "{\"file\": ");
    cf_json_put_text(&from, env ? env : wish->key_file);
    cf_buf_putc(&from, '}');
    enum cf_code code = cf_json_parse(&doc, env ? "--key-env" : "--key-file", cf_buf_text(&from),
                                      from.len, 0, &err);
    const struct cf_credential_rules rules = {.beside = ""};
    if (code == CF_OK)
        code = cf_credential_read(&wish->key, &doc, doc.root, &rules, &err);
    cf_json_release(&doc);
    cf_buf_release(&from);
    if (code == CF_OK)
        return true;
    /* Where it would stand in a profile is of no use here. */
    const char *place = strstr(err.text, "/pixit/auth");
    const char *what = place ? strstr(place, ": ") : NULL;
    return cf_refuse("--%s: %s", env ? "key-env" : "key-file", what ? what + 2 : err.text);
}

static bool read_wish(const struct cf_args *args, struct wish *wish)
{
    bool good;
    const struct service *service = find_service(cf_text(args, "service", NULL), &good);
    wish->args = args;
    wish->out = cf_text(args, "out", "profile.json");
    wish->terms.hashes_outlive_runs = service && service->hashes_outlive_runs;
    if (!good || !read_url(wish, service) || !read_key(wish, service))
        return false;
    if (cf_given(args, "cvm") && !cf_given(args, "force") && access(wish->out, F_OK) == 0)
        return cf_refuse("%s is there already; --force overwrites it", wish->out);
    return true;
}

/* ---- what else is looked for ---- */

/* The version that the server's own document gives, if it fits a line. */
static void find_version(struct wish *wish, struct cf_look *look, struct cf_gaps *gaps)
{
    struct cf_look_answer answer;
    cf_look_get(look, "/openapi.json", NULL, &answer);
    const char *version = cf_json_text(cf_json_get(answer.doc.root, "info"), "version", "");
    size_t len = strlen(version);
    bool fits = len > 0 && len <= 100;
    for (size_t i = 0; i < len; i++)
        fits = fits && version[i] > ' ' && version[i] < 0x7f;
    if (!fits)
        cf_gap_add(gaps, "/iut/version",
                   "the server does not tell its version (/openapi.json); write what reports "
                   "are to say");
    wish->version = cf_strdup(fits ? version : "unknown");
    wish->terms.version = wish->version;
    cf_look_answer_release(&answer);
}

/* Hooks for an EVM chain: a copy beside the profile, else those that are installed. */
static void find_hooks(struct wish *wish)
{
    char *beside = cf_file_beside(wish->out, "hooks/evm/register");
    if (access(beside, X_OK) == 0)
        wish->hooks = cf_strdup("hooks/evm");
    else
        wish->hooks = realpath(cf_evm_hooks_dir(), NULL);
    free(beside);
    wish->terms.hooks = wish->hooks;
}

/* ---- writing ---- */

static int write_profile(const struct wish *wish, const struct cf_buf *text)
{
    struct cf_err err = {0};
    struct cf_profile profile;
    if (cf_profile_parse_sealed(&profile, wish->out, cf_buf_text(text), text->len,
                                cf_cvm_engine()->vocabulary, &err) != CF_OK)
        return cf_complain("what was found makes no profile, so none was written: %s", err.text);
    cf_profile_release(&profile);
    if (!cf_given(wish->args, "force") && access(wish->out, F_OK) == 0)
        return cf_complain("%s is there already; --force overwrites it", wish->out);
    if (cf_file_write(wish->out, cf_buf_text(text), text->len, 0644, &err) != CF_OK)
        return cf_unwritten(&err);
    return CF_EXIT_OK;
}

static void tell(const struct wish *wish, const struct cf_survey *survey, const struct cf_buf *text)
{
    struct cf_json_doc doc = {0};
    struct cf_err err = {0};
    if (cf_json_parse(&doc, wish->out, cf_buf_text(text), text->len, CF_JSON_FILE, &err) != CF_OK)
        doc = (struct cf_json_doc){0};
    printf("%s: written after %u GET requests; %zu managed, %zu contract-owned, %zu foreign CVMs\n",
           wish->out, survey->look->asked, cf_survey_count(survey, CF_SURVEY_MANAGED),
           cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED),
           cf_survey_count(survey, CF_SURVEY_FOREIGN));
    if (survey->gaps->count > 0)
        printf("left for you to look at:\n");
    cf_gaps_print(survey->gaps, &doc);
    printf("a run changes and restarts the CVMs named there, nothing else:\n"
           "  cvm-conformance run --profile %s\n",
           wish->out);
    cf_json_release(&doc);
}

/* ---- the two things that it does ---- */

static enum cf_code add_all(struct cf_survey *survey, const char *const *ids,
                            enum cf_survey_kind kind, struct cf_err *err)
{
    for (; ids && *ids; ids++) {
        enum cf_code code = cf_survey_add(survey, *ids, kind, err);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

static enum cf_code add_cvms(const struct cf_args *args, struct cf_survey *survey,
                             struct cf_err *err)
{
    enum cf_code code = add_all(survey, cf_texts(args, "cvm"), CF_SURVEY_MANAGED, err);
    if (code == CF_OK)
        code = add_all(survey, cf_texts(args, "foreign"), CF_SURVEY_FOREIGN, err);
    if (code == CF_OK)
        code = add_all(survey, cf_texts(args, "gpu-rental"), CF_SURVEY_GPU_RENTAL, err);
    if (code == CF_OK && cf_survey_count(survey, CF_SURVEY_MANAGED) +
                                 cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED) ==
                             0)
        code = cf_err_set(err, CF_EINPUT, "none of the CVMs is one of this workspace");
    return code;
}

/* Trouble of asking, as an exit code. */
static int refused(enum cf_code code, const struct cf_err *err)
{
    cf_complain("%s", err->text);
    return code == CF_EINPUT ? CF_EXIT_USAGE : CF_EXIT_UNJUDGED;
}

static int make(struct wish *wish, struct cf_look *look)
{
    struct cf_gaps gaps = {0};
    struct cf_survey survey = {.look = look, .gaps = &gaps};
    struct cf_err err = {0};
    struct cf_buf text = {0};
    cJSON *values = NULL;
    int status = CF_EXIT_OK;
    enum cf_code code = add_cvms(wish->args, &survey, &err);
    if (code == CF_OK) {
        find_version(wish, look, &gaps);
        find_hooks(wish);
        cf_survey_look(&survey);
        code = cf_init_values(&survey, cf_texts(wish->args, "value"), &values, &err);
    }
    if (code != CF_OK) {
        status = refused(code, &err);
    } else {
        cf_draft_profile(&survey, &wish->terms, values, &text);
        status = write_profile(wish, &text);
    }
    if (status == CF_EXIT_OK)
        tell(wish, &survey, &text);
    cJSON_Delete(values);
    cf_buf_release(&text);
    cf_survey_release(&survey);
    cf_gaps_release(&gaps);
    return status;
}

static int list(struct cf_look *look)
{
    struct cf_err err = {0};
    size_t count = 0;
    enum cf_code code = cf_listing_print(look, &count, &err);
    if (code != CF_OK)
        return refused(code, &err);
    printf("%zu CVMs, and nothing was changed or written. Name those that a run may change and "
           "restart:\n  cvm-conformance init ... --cvm ID --cvm ID\n",
           count);
    return CF_EXIT_OK;
}

static int run(const struct cf_args *args)
{
    struct wish wish = {0};
    struct cf_look look = {0};
    struct cf_err err = {0};
    int status = CF_EXIT_USAGE;
    if (read_wish(args, &wish)) {
        look.base_url = wish.base_url;
        look.auth_header = wish.terms.auth_header;
        look.key = wish.key.value;
        enum cf_code code = cf_look_init(&look, wish.key.placeholder, wish.ca_file, &err);
        if (code != CF_OK)
            status = refused(code, &err);
        else
            status = cf_given(args, "cvm") ? make(&wish, &look) : list(&look);
        cf_look_release(&look);
    }
    wish_release(&wish);
    return status;
}

static const struct cf_example examples[] = {
    {"init --base-url https://api.acme.example --key-env ACME_API_KEY", "which CVMs are there?"},
    {"init --base-url https://api.acme.example --key-env ACME_API_KEY --cvm cvm-1 --cvm cvm-2 "
     "--out acme.json",
     "look at these two, and write a profile"},
    {"init --service phala-cloud --key-file key --cvm cvm-1 --out phala.json",
     "the same for a service that is known"},
    {0}};

const struct cf_command cf_command_init = {
    .name = "init",
    .summary = "write a profile by looking at the server",
    .sentence = "Write a profile for a server by looking at it.",
    .about = "It sends GET requests only and changes nothing. The CVMs named with --cvm are those "
             "that a\nlater run changes and restarts. The key itself is not written.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};

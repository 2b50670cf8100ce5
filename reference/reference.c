#include "reference/reference.h"
#include "reference/http.h"
#include "reference/rpc.h"

#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PEM_MAX_BYTES = 1 << 20 };

/* Tell whoever waits that the port is open, and which it is. */
static enum cf_code announce(int ready_fd, unsigned port, struct cf_err *err)
{
    char line[16];
    int len = snprintf(line, sizeof(line), "%u\n", port);
    return cf_fd_write(ready_fd, line, (size_t)len, err);
}

/* How long operations run. */
static double duration(const struct cf_ref_options *options, const struct cf_ref_switches *on)
{
    if (cf_ref_has(on, CF_REF_VAR_INSTANT_OPERATIONS))
        return 0;
    if (cf_ref_has(on, CF_REF_DEV_PICS_INSTANT_CLAIMED) && options->operation_ms < 200)
        return 200;
    return options->operation_ms;
}

struct tls {
    struct cf_buf certificate;
    struct cf_buf key;
};

/* A node of a chain, and the way to it. */
struct node {
    struct cf_ref_rpc *rpc;
    struct cf_ref_evm evm;
};

static enum cf_code read_tls(const struct cf_ref_options *options, struct tls *tls,
                             struct cf_err *err)
{
    cf_buf_init(&tls->certificate, PEM_MAX_BYTES);
    cf_buf_init(&tls->key, PEM_MAX_BYTES);
    if (!options->tls_certificate_file != !options->tls_key_file)
        return cf_err_set(err, CF_EINPUT, "TLS needs a certificate and a key");
    if (!options->tls_certificate_file)
        return CF_OK;
    enum cf_code code = cf_file_read(options->tls_certificate_file, &tls->certificate, err);
    if (code == CF_OK)
        code = cf_file_read(options->tls_key_file, &tls->key, err);
    return code == CF_OK ? code : cf_err_set(err, CF_EIO, "%s", err->text);
}

/* Takes ready_fd over. */
static enum cf_code open_and_run(const struct cf_ref_options *options, struct cf_ref_server *server,
                                 const struct tls *tls, int ready_fd, int stop_fd,
                                 struct cf_err *err)
{
    struct cf_ref_http *http = NULL;
    char *certificate = options->tls_certificate_file ? tls->certificate.data : NULL;
    enum cf_code code =
        cf_ref_http_new(server, options->port, certificate, tls->key.data, &http, err);
    if (code == CF_OK && ready_fd >= 0)
        code = announce(ready_fd, cf_ref_http_port(http), err);
    if (ready_fd >= 0)
        close(ready_fd);
    if (code == CF_OK)
        code = cf_ref_http_run(http, stop_fd, err);
    cf_ref_http_free(http);
    return code;
}

/* Everything that can be wrong with the options; server learns what they switch on. */
static enum cf_code check(const struct cf_ref_options *options, struct cf_ref_server *server,
                          struct tls *tls, struct cf_err *err)
{
    if (options->port > 65535)
        return cf_err_set(err, CF_EINPUT, "port %u is over 65535", options->port);
    enum cf_code code = cf_ref_options_check(options, err);
    if (code == CF_OK)
        code = cf_ref_options_switches(options, &server->on, err);
    if (code == CF_OK)
        code = cf_ref_options_out_of_sight(options, &server->on, &server->out_of_sight, err);
    return code == CF_OK ? read_tls(options, tls, err) : code;
}

/* Believe the node at url instead of the simulator. */
static enum cf_code ask_node(struct cf_ref_server *server, const struct cf_ref_options *options,
                             struct node *node, struct cf_err *err)
{
    enum cf_code code = cf_ref_rpc_new(options->chain_url, &node->rpc, err);
    if (code != CF_OK)
        return code;
    node->evm = cf_ref_rpc_node(node->rpc);
    server->witness = cf_ref_witness_of_evm(&node->evm);
    cf_ref_server_use_apps(server, options->app_ids, options->app_id_count);
    return CF_OK;
}

enum cf_code cf_ref_serve(const struct cf_ref_options *options, int ready_fd, int stop_fd,
                          struct cf_err *err)
{
    struct tls tls = {0};
    struct node node = {0};
    struct cf_err unread; /* so that there is always a text to build on */
    struct cf_ref_server *server = cf_alloc(sizeof(*server));
    err = err ? err : &unread;
    enum cf_code code = check(options, server, &tls, err);
    if (code == CF_OK) {
        server->operation_ms = duration(options, &server->on);
        cf_ref_server_init(server, options->of_a_kind);
        if (options->chain_url)
            code = ask_node(server, options, &node, err);
    }
    if (code == CF_OK) {
        code = open_and_run(options, server, &tls, ready_fd, stop_fd, err);
    } else if (ready_fd >= 0) {
        close(ready_fd);
    }
    cf_ref_server_release(server);
    free(server);
    cf_ref_rpc_free(node.rpc);
    cf_buf_release(&tls.certificate);
    cf_buf_release(&tls.key);
    return code;
}

#include "harness/case/profile_connection.h"
#include "harness/case/shape.h"

#include <string.h>

/* As long as a name of a socket can be (sockaddr_un), with its NUL. */
enum { SOCKET_NAME_MAX_BYTES = 107 };

static enum cf_code check_proxy(const struct cf_json_doc *doc, const cJSON *proxy,
                                struct cf_err *err)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
    static const char path[] = "/pixit/connection/proxy";
    enum cf_code code = cf_shape_line(doc, proxy, path, 2000, err);
    if (code != CF_OK)
        return code;
    const char *url = proxy->valuestring;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncmp(url, schemes[i], len) != 0)
            continue;
        /* What is in it is shown in reports. */
        if (strchr(url, '@'))
            return cf_json_fault(doc, proxy, err, "%s: must not hold credentials", path);
        if (strcspn(url + len, "/?# :") == 0)
            return cf_json_fault(doc, proxy, err, "%s: no host", path);
        return CF_OK;
    }
    return cf_json_fault(doc, proxy, err,
                         "%s: must start with http://, https://, socks5:// or socks5h://", path);
}

enum cf_code cf_profile_connection_check(const struct cf_json_doc *doc, const cJSON *connection,
                                         struct cf_err *err)
{
    static const char *const names[] = {"proxy", "unix_socket", "http2", NULL};
    enum cf_code code = cf_shape_object(doc, connection, "/pixit/connection", NULL, names, err);
    const cJSON *proxy = cf_json_get(connection, "proxy");
    const cJSON *socket = cf_json_get(connection, "unix_socket");
    const cJSON *http2 = cf_json_get(connection, "http2");
    if (code == CF_OK && proxy)
        code = check_proxy(doc, proxy, err);
    if (code == CF_OK && socket)
        code =
            cf_shape_line(doc, socket, "/pixit/connection/unix_socket", SOCKET_NAME_MAX_BYTES, err);
    if (code == CF_OK && http2)
        code = cf_shape_type(doc, http2, "/pixit/connection/http2", "boolean", err);
    if (code == CF_OK && proxy && socket)
        return cf_json_fault(doc, connection, err,
                             "/pixit/connection: a unix socket is not reached through a proxy");
    return code;
}

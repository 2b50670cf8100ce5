/* Who is at the other end of a connection, as far as the connection tells. */
#include "harness/base/mem.h"
#include "harness/http/transfer.h"

#include <openssl/ssl.h>
#include <string.h>

/* The subject of the authority at the end of the chain that was verified: not of what the server
 * sent, which may hold certificates that vouched for nothing. NULL where nothing was verified, and
 * of a resumed session, which does not tell. */
static X509 *anchor_of(const SSL *ssl)
{
    STACK_OF(X509) *chain = ssl ? SSL_get0_verified_chain(ssl) : NULL;
    int count = chain ? sk_X509_num(chain) : 0;
    if (count < 1 || SSL_get_verify_result(ssl) != X509_V_OK)
        return NULL;
    return sk_X509_value(chain, count - 1);
}

static void put_subject(struct cf_buf *out, const X509 *certificate)
{
    char *text = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory)
        return;
    X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    long len = BIO_get_mem_data(memory, &text);
    if (len > 0)
        cf_buf_append(out, text, (size_t)len);
    BIO_free(memory);
}

/* libcurl hands out its TLS library's own object; of another library there is nothing to read. */
static const SSL *ssl_of(CURL *easy)
{
    struct curl_tlssessioninfo *info = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
        info->backend != CURLSSLBACKEND_OPENSSL)
        return NULL;
    return info->internals;
}

void cf_transfer_note_peer(struct cf_transfer *transfer, const char *ip, int port)
{
    struct cf_buf *address = &transfer->peer;
    struct cf_buf *authority = &transfer->authority;
    bool v6 = ip && strchr(ip, ':');
    cf_buf_reset(address);
    cf_buf_reset(authority);
    if (ip && *ip)
        cf_buf_printf(address, v6 ? "[%s]:%d" : "%s:%d", ip, port);
    if (transfer->options->insecure)
        return;
    X509 *anchor = anchor_of(ssl_of(transfer->easy));
    if (anchor)
        put_subject(authority, anchor);
}

void cf_transfer_store_peer(const struct cf_transfer *transfer, struct cf_exchange *out)
{
    if (transfer->peer.len > 0)
        out->peer = cf_strdup(cf_buf_text(&transfer->peer));
    if (transfer->authority.len > 0)
        out->authority = cf_strdup(cf_buf_text(&transfer->authority));
}

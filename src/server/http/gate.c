/* gate.c - one header list, one meaning.
 *
 * A proxy and a server that disagree about where a request ends let a client smuggle a second
 * one behind the proxy's back. Whatever could be read in two ways is refused, and nothing is
 * repaired. Values are compared exactly: libmicrohttpd frames by the exact value too. */
#include "http.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS_MAX 18 /* of a Content-Length: fits int64_t without a check */

/* The fields that say where a request ends and for whom it is. */
struct framing {
    const struct http_field *host, *length, *coding;
    unsigned seen; /* bits of `lone` */
};

/* Others that have one value: of two, nobody could say which is meant. */
static const char *const lone[] = {"content-type", "authorization", "x-api-key",
                                   "x-request-timeout", "inference-header-content-length"};

static const struct http_verdict go_on;

static struct http_verdict refuse(int status, const char *reason)
{
    return (struct http_verdict){.status = status, .reason = reason};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110, 5.6.2 */
static bool is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_alnum(text[i]) && (text[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", text[i])))
            return false;
    return size > 0;
}

static bool has_control(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) return true;
    }
    return false;
}

static bool equals(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

/* libmicrohttpd 0.9.75 glues a folded line to the name of its field: "Content-Length:", then
 * " 25", arrives as a field named "Content-Length25", and no body is read. */
static bool hides(const struct http_field *field, const char *word)
{
    const size_t size = strlen(word);

    return field->name_size > size && strncasecmp(field->name, word, size) == 0;
}

static const struct http_field **framing_slot(struct framing *framing,
                                              const struct http_field *field)
{
    if (equals(field->name, field->name_size, "host")) return &framing->host;
    if (equals(field->name, field->name_size, "content-length")) return &framing->length;
    if (equals(field->name, field->name_size, "transfer-encoding")) return &framing->coding;
    return NULL;
}

static bool is_repeated(const struct http_field *field, struct framing *framing)
{
    for (size_t i = 0; i < sizeof lone / sizeof *lone; i++) {
        const unsigned bit = 1u << i, before = framing->seen;

        if (!equals(field->name, field->name_size, lone[i])) continue;
        framing->seen |= bit;
        return (before & bit) != 0;
    }
    return false;
}

static struct http_verdict check_field(const struct http_field *field, struct framing *framing)
{
    const struct http_field **slot = framing_slot(framing, field);

    if (!is_token(field->name, field->name_size))
        return refuse(400, "the name of a header field is not a token");
    if (has_control(field->value, field->value_size))
        return refuse(400, "the value of a header field has a control character");
    if (hides(field, "content-length") || hides(field, "transfer-encoding"))
        return refuse(400, "a header field looks like Content-Length or Transfer-Encoding");
    if (is_repeated(field, framing))
        return refuse(400, "a header field that has one value comes twice");
    if (slot == NULL) return go_on;
    if (*slot != NULL)
        return refuse(400, "Host, Content-Length or Transfer-Encoding is repeated");
    *slot = field;
    return go_on;
}

static bool is_port(const char *text, size_t size)
{
    unsigned port = 0;

    if (size > 5) return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_digit(text[i])) return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port <= 65535;
}

static bool is_ipv6(const char *text, size_t size)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;

    if (size >= sizeof address) return false;
    memcpy(address, text, size);
    address[size] = '\0';
    return strlen(address) == size && inet_pton(AF_INET6, address, &parsed) == 1;
}

static bool is_host_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_alnum(text[i]) && (text[i] == '\0' || !strchr("-._~", text[i]))) return false;
    return size > 0;
}

/* host, host:port, [IPv6] or [IPv6]:port */
static bool is_host(const char *text, size_t size)
{
    const char *end, *rest;

    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t')) size--;
    if (size > 0 && text[0] == '[') {
        end = memchr(text, ']', size);
        if (end == NULL || !is_ipv6(text + 1, (size_t)(end - text) - 1)) return false;
        rest = end + 1;
    } else {
        end = memchr(text, ':', size);
        rest = end != NULL ? end : text + size;
        if (!is_host_name(text, (size_t)(rest - text))) return false;
    }
    size -= (size_t)(rest - text);
    return size == 0 || (rest[0] == ':' && is_port(rest + 1, size - 1));
}

static bool is_length(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_digit(text[i])) return false;
    return size > 0 && size <= LENGTH_DIGITS_MAX;
}

static struct http_verdict check_framing(const struct framing *framing, bool is_1_0)
{
    const struct http_field *host = framing->host, *length = framing->length;
    const struct http_field *coding = framing->coding;

    if (host == NULL && !is_1_0) return refuse(400, "Host is missing");
    if (host != NULL && !is_host(host->value, host->value_size))
        return refuse(400, "Host is not a host, or a host and a port");
    if (coding != NULL && !equals(coding->value, coding->value_size, "chunked"))
        return refuse(501, "the only Transfer-Encoding that is taken is: chunked");
    if (coding != NULL && is_1_0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (coding != NULL && length != NULL)
        return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (length != NULL && !is_length(length->value, length->value_size))
        return refuse(400, "Content-Length is not a plain decimal number");
    return go_on;
}

static struct http_verdict check_size(const struct http_fields *headers,
                                      const struct sc_limits *limits)
{
    int64_t bytes = 0;

    if ((int64_t)headers->count > limits->headers)
        return (struct http_verdict){
            431, "there are more header fields than the limit `headers`", &limits->headers};
    for (size_t i = 0; i < headers->count; i++)
        bytes += (int64_t)(headers->item[i].name_size + headers->item[i].value_size);
    if (bytes > limits->header_bytes)
        return (struct http_verdict){
            431, "the header fields have more bytes than the limit `header_bytes`",
            &limits->header_bytes};
    return go_on;
}

struct http_verdict http_gate(const char *method, const char *version,
                              const struct http_fields *headers, const struct sc_limits *limits)
{
    const bool is_1_0 = strcmp(version, "HTTP/1.0") == 0;
    struct framing framing = {0};
    struct http_verdict verdict;

    if (!is_1_0 && strcmp(version, "HTTP/1.1") != 0)
        return refuse(505, "the HTTP versions that are taken are 1.0 and 1.1");
    if (!is_token(method, strlen(method))) return refuse(400, "the method is not a token");
    verdict = check_size(headers, limits);
    for (size_t i = 0; i < headers->count && verdict.status == 0; i++)
        verdict = check_field(&headers->item[i], &framing);
    return verdict.status != 0 ? verdict : check_framing(&framing, is_1_0);
}

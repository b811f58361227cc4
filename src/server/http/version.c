/* version.c - which libmicrohttpd this is. */
#include <microhttpd.h>

#include "http.h"

const char *http_library(void)
{
    return MHD_get_version();
}

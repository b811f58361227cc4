/* watch.h - private to this folder: is a peer late? */
#pragma once

#include "peers.h"

enum lateness {
    LATE_NOT,
    LATE_IDLE,  /* silent for too long: close it */
    LATE_HEAD,  /* a part of the headers has come: tell it */
    LATE_BODY,  /* the body came too slowly: tell it */
    LATE_REPLY, /* it does not take its reply */
};

/* Looks at a peer; once a second for each. */
enum lateness watch_look(struct peer *peer, const struct sc_limits *limits, int64_t now);

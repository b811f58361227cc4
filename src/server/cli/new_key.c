/* new_key.c - random bits, and their hash. */
#include "new_key.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "keyfile.h"

#define PREFIX "scored_" /* so that those who look for lost secrets find it */

static bool make(char key[sizeof PREFIX + DIGEST_TEXT])
{
    struct digest random;
    char text[DIGEST_TEXT];

    if (getrandom(random.byte, sizeof random.byte, 0) != (ssize_t)sizeof random.byte)
        return false;
    snprintf(key, sizeof PREFIX + DIGEST_TEXT, PREFIX "%s", digest_print(&random, text));
    return true;
}

int new_key(const struct config *config)
{
    const char *team = config->operands == 1 ? config->operand[0] : "";
    char key[sizeof PREFIX + DIGEST_TEXT], text[DIGEST_TEXT];
    struct digest digest;

    if (!keyfile_is_name(team)) {
        fprintf(
            stderr,
            "usage: scored new-key TEAM\nTEAM is letters, digits, '.', '_' and '-', at most "
            "%d of them\n",
            TEAM_NAME_MAX);
        return 2;
    }
    if (!make(key)) {
        fputs("scored: there are no random numbers\n", stderr);
        return 1;
    }
    digest = digest_of(key, strlen(key));
    printf("%s\n{\"team\": \"%s\", \"keys\": [\"sha256:%s\"]}\n", key, team,
           digest_print(&digest, text));
    fputs("The first line is the key: it is shown this once. The second goes into the file of "
          "--keys;\n"
          "of a team that is there already, only the text in brackets, into its list.\n",
          stderr);
    return 0;
}

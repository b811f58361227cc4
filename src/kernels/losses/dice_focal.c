/* dice_focal.c - see composite.c. */
#include "composite.h"

SC_KERNEL(losses, dice_focal)
{
    return &sc_composite;
}

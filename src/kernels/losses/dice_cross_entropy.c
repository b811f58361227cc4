/* dice_cross_entropy.c - see composite.c. */
#include "composite.h"

SC_KERNEL(losses, dice_cross_entropy)
{
    return &sc_composite;
}

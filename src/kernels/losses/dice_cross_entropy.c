/* dice_cross_entropy.c - lambda_dice Dice + lambda_ce cross entropy of logits (nnU-Net; MONAI
 * DiceCELoss). */
#include "composite.h"

SC_COMPOSITE(dice_cross_entropy, {SC_OP_losses_dice, "dice", "lambda_dice", false},
             {SC_OP_losses_cross_entropy, "cross_entropy", "lambda_ce", false})

/* dice_focal.c - lambda_dice Dice + lambda_focal focal loss, of the softmax of logits (MONAI
 * DiceFocalLoss). */
#include "composite.h"

SC_COMPOSITE(dice_focal, {SC_OP_losses_dice, "dice", "lambda_dice", false},
             {SC_OP_losses_focal, "focal", "lambda_focal", true})

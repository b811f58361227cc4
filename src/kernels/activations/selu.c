/* selu.c - scale x where x > 0, else scale alpha (e^x - 1) (Klambauer et al., arXiv 1706.02515;
 * PyTorch selu). */
#include "elu.h"

/* 1.0507009873554804934, and that times 1.6732632423543772848 */
static const struct vm_pair scale = {0x1.0cfabd6a91132p+0, 0x1.6fc7d272f2695p-55};
static const struct vm_pair scaled_alpha = {0x1.c212cc640f031p+0, 0x1.05161b045a1fep-56};

static inline double value(double x)
{
    const struct vm_pair v = {x, 0};

    return x < 0 ? scaled_expm1(scaled_alpha, v) : fma(scale.hi, x, scale.lo * x);
}

static inline double slope(double x)
{
    const struct vm_pair v = {x, 0};

    return x > 0 ? scale.hi : x <= 0 ? scaled_exp(scaled_alpha.hi, v) : x;
}

#define ACTIVATION          selu
#define VALUE(x, k)         value(x)
#define SLOPE(x, k)         slope(x)
#define NEARLY_FIRST(x, k)  sc_near_elu_first(x)
#define NEARLY(x, first, k) sc_near_elu(x, first, scaled_alpha.hi, scale.hi)
#include "elementwise.inc"

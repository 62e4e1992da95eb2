/* The arithmetic of one slice of rows, for one set of instructions.

   Included once for each set, with these defined:
     VL        doubles in a vector: 2, 4 or 8
     WIDE      whether there are 32 vector registers rather than 16
     TARGET    attribute of every function
     NAME(f)   the name of f for this set

   Rows run along the vectors.  What is summed over rows is held in registers, a tile of several
   sums at a time, and added to memory once for each slice: the order of every sum is fixed. */

#if WIDE
#define ETA_VECTORS 4   /* vectors of rows in a tile of linear predictors */
#define CROSS_MOST 6    /* outcomes, or pairs of them, in a tile with four columns */
#define FEW 4           /* pairs of features in a tile, for many pairs of outcomes */
#define KEEP 60         /* products are kept where there are more pairs of outcomes (measured) */
#else
#define ETA_VECTORS 2
#define CROSS_MOST 3
#define FEW 2
#define KEEP 12
#endif

/* The size of the next of the groups, at most `most`, into which `left` things divide evenly. */
#define GROUPS(left, most) (((left) + (most) - 1) / (most))
#define NEXT_GROUP(left, most) (((left) + GROUPS(left, most) - 1) / GROUPS(left, most))

#include "_fused_vectors.h"

/* e[o] += x B[o] for some outcomes o, and all rows. */
#define ETA(NO)                                                                              \
    APART void NAME(eta_##NO)(const Slice *s, const double *B, int k, double *e)             \
    {                                                                                        \
        for (int row = 0; row < s->rows; row += ETA_VECTORS * VL) {                          \
            vd sum[NO][ETA_VECTORS];                                                         \
            for (int o = 0; o < NO; o++)                                                     \
                for (int v = 0; v < ETA_VECTORS; v++)                                        \
                    sum[o][v] = all(0.0);                                                    \
            for (int j = 0; j < k; j++) {                                                    \
                vd x[ETA_VECTORS];                                                           \
                for (int v = 0; v < ETA_VECTORS; v++)                                        \
                    x[v] = load(s->x + (size_t)j * STRIDE + row + v * VL);                   \
                for (int o = 0; o < NO; o++)                                                 \
                    for (int v = 0; v < ETA_VECTORS; v++)                                    \
                        sum[o][v] += x[v] * B[(size_t)o * k + j];                            \
            }                                                                                \
            for (int o = 0; o < NO; o++)                                                     \
                for (int v = 0; v < ETA_VECTORS; v++) {                                      \
                    double *at = e + (size_t)o * STRIDE + row + v * VL;                      \
                    store(at, s->has_offset ? sum[o][v] + load(at) : sum[o][v]);             \
                }                                                                            \
        }                                                                                    \
    }
ETA(1) ETA(2) ETA(3) ETA(4)

APART void NAME(predictors)(const Slice *s, const Sums *to)
{
    for (int o = 0, n; o < to->q; o += n) {
        const double *B = to->B + (size_t)o * to->k;
        double *e = s->e + (size_t)o * STRIDE;
        n = NEXT_GROUP(to->q - o, 4);
        switch (n) {
        case 1: NAME(eta_1)(s, B, to->k, e); break;
        case 2: NAME(eta_2)(s, B, to->k, e); break;
        case 3: NAME(eta_3)(s, B, to->k, e); break;
        default: NAME(eta_4)(s, B, to->k, e);
        }
    }
}

/* Exponentials relative to the most probable outcome, and the log-likelihood of the rows. */
APART double NAME(softmax)(const Slice *s, int J)
{
    double logs[VL], value = 0.0;
    vd sum = all(0.0);
    for (int row = 0; row < s->rows; row += VL) {
        double *e = s->e + row;
        vi chosen;
        memcpy(&chosen, s->chosen + row, sizeof chosen);
        vd top = load(e), bottom = top, taken = top;
        for (int j = 1; j < J; j++) {
            vd eta = load(e + (size_t)j * STRIDE);
            top = pick(eta > top, eta, top);
            bottom = pick(eta < bottom, eta, bottom);
            taken = pick(chosen == alli(j), eta, taken);
        }
        int far = 0;
        vi below = bottom - top < all(-708.0);
        for (int i = 0; i < VL; i++)
            far |= below[i] != 0;
        vd total = all(0.0), others = all(0.0);
        for (int j = 0; j < J; j++) {
            vd shifted = load(e + (size_t)j * STRIDE) - top;
            vd y = far ? NAME(exponential)(shifted, 1) : NAME(exponential)(shifted, 0);
            store(e + (size_t)j * STRIDE, y);
            total += y;
            others += pick(y == all(1.0), all(0.0), y);
        }
        /* Where the others are few, their sum by itself: a difference from one loses digits. */
        vd rest = total - 1.0;
        vi crowded = rest < all(0.125);
        rest = pick(crowded, others, rest);
        total = pick(crowded, 1.0 + rest, total);
        vd mass = load(s->mass + row);
        store(s->rest + row, rest);
        store(s->total + row, total);
        store(s->scale + row, mass / total);
        store(s->square + row, mass / (total * total));
        sum += mass * ((taken - top) - NAME(log_plus_one)(rest));
    }
    store(logs, sum);
    for (int i = 0; i < VL; i++)
        value += logs[i];
    return value;
}

/* What the exponentials of all outcomes but one sum to. */
INLINE vd NAME(remainder)(const Slice *s, vd e, int row)
{
    return pick(e == all(1.0), load(s->rest + row), load(s->total + row) - e);
}

/* w (y - pi) of the outcomes that are not the base. */
APART void NAME(residuals)(const Slice *s, int q)
{
    for (int row = 0; row < s->rows; row += VL) {
        vi chosen;
        memcpy(&chosen, s->chosen + row, sizeof chosen);
        vd scale = load(s->scale + row);
        for (int j = 0; j < q; j++) {
            vd e = load(s->e + (size_t)j * STRIDE + row);
            vd value = pick(chosen == alli(j), NAME(remainder)(s, e, row), -e);
            store(s->r + (size_t)j * STRIDE + row, value * scale);
        }
    }
}

/* w pi_j (1[j = l] - pi_l), for the pair (j, l) of outcomes. */
APART void NAME(pair_weight)(const Slice *s, int j, int l, double *w)
{
    const double *ej = s->e + (size_t)j * STRIDE, *el = s->e + (size_t)l * STRIDE;
    for (int row = 0; row < s->rows; row += VL) {
        vd e = load(ej + row), scaled = e * load(s->square + row);
        store(w + row, scaled * (j == l ? NAME(remainder)(s, e, row) : -load(el + row)));
    }
}

#include "_fused_tiles.h"

static TARGET void NAME(pass)(const Slice *s, Sums *to)
{
    NAME(predictors)(s, to);
    to->value = NAME(softmax)(s, to->q + 1);
    if (to->score == NULL)
        return;
    NAME(residuals)(s, to->q);
    NAME(score)(s, to);
    if (to->information == NULL)
        return;
    if (to->q == 1)
        NAME(one_pair)(s, to);
    else
        NAME(information)(s, to);
}

#undef vd
#undef vi
#undef vu
#undef load
#undef store
#undef all
#undef alli
#undef pick
#undef INLINE
#undef APART
#undef UP
#undef CLEARED
#undef GATHER
#undef ETA
#undef TILE_STEP
#undef CROSS
#undef PAIRS
#undef NEXT_GROUP
#undef GROUPS
#undef ETA_VECTORS
#undef CROSS_MOST
#undef FEW
#undef KEEP
#undef VL
#undef WIDE
#undef TARGET
#undef NAME

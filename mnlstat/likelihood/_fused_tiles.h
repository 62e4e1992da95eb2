/* Score and information of a slice, in tiles of sums; part of _fused_pass.h. */

/* n sums held in vectors, of which there is room for a multiple of VL, into numbers. */
#define UP(n) (((n) + VL - 1) / VL * VL)
#define CLEARED(a, n) vd a[UP(n)]; for (int i_ = 0; i_ < UP(n); i_++) a[i_] = all(0.0)
#define GATHER(a, n, out) \
    for (int i_ = 0; i_ < UP(n); i_ += VL) store(out + i_, NAME(lanes)(a + i_))

/* sum[f][g] += X_f W_g for the next rows, where X and W are expressions in f_ and g_.  The fewer of
   the two are held in registers, of which there are few besides those for the sums. */
#define TILE_STEP(NF, NG, X, W)                                                              \
    if (NG < NF) {                                                                           \
        vd held[NG];                                                                         \
        for (int g_ = 0; g_ < NG; g_++)                                                      \
            held[g_] = W;                                                                    \
        for (int f_ = 0; f_ < NF; f_++) {                                                    \
            vd v = X;                                                                        \
            for (int g_ = 0; g_ < NG; g_++)                                                  \
                sum[f_ * NG + g_] += v * held[g_];                                           \
        }                                                                                    \
    } else {                                                                                 \
        vd held[NF];                                                                         \
        for (int f_ = 0; f_ < NF; f_++)                                                      \
            held[f_] = X;                                                                    \
        for (int g_ = 0; g_ < NG; g_++) {                                                    \
            vd v = W;                                                                        \
            for (int f_ = 0; f_ < NF; f_++)                                                  \
                sum[f_ * NG + g_] += held[f_] * v;                                           \
        }                                                                                    \
    }

/* sums[f][o] = sum over rows of x_f y_o: four columns x, some columns y. */
#define CROSS(NO)                                                                            \
    APART void NAME(cross_##NO)(const double *const *x, const double *y, int rows, double *sums) \
    {                                                                                        \
        const double *xs[4] = {x[0], x[1], x[2], x[3]};                                      \
        CLEARED(sum, 4 * NO);                                                                \
        for (int row = 0; row < rows; row += VL) {                                           \
            TILE_STEP(4, NO, load(xs[f_] + row), load(y + (size_t)g_ * STRIDE + row));           \
        }                                                                                    \
        GATHER(sum, 4 * NO, sums);                                                           \
    }
CROSS(1) CROSS(2) CROSS(3)
#if WIDE
CROSS(4) CROSS(5) CROSS(6)
#endif

INLINE void NAME(cross)(int n, const double *const *x, const double *y, int rows, double *sums)
{
    switch (n) {
    case 1: NAME(cross_1)(x, y, rows, sums); break;
    case 2: NAME(cross_2)(x, y, rows, sums); break;
#if WIDE
    case 4: NAME(cross_4)(x, y, rows, sums); break;
    case 5: NAME(cross_5)(x, y, rows, sums); break;
    case 6: NAME(cross_6)(x, y, rows, sums); break;
#endif
    default: NAME(cross_3)(x, y, rows, sums);
    }
}

APART void NAME(score)(const Slice *s, Sums *to)
{
    double sums[UP(4 * CROSS_MOST)];
    for (int o = 0, n; o < to->q; o += n) {
        n = NEXT_GROUP(to->q - o, CROSS_MOST);
        for (int j = 0; j < to->k; j += 4) {
            const double *x[4];
            int nx = to->k - j < 4 ? to->k - j : 4;
            for (int f = 0; f < 4; f++)
                x[f] = s->x + (size_t)(f < nx ? j + f : to->k) * STRIDE;
            NAME(cross)(n, x, s->r + (size_t)o * STRIDE, s->rows, sums);
            for (int f = 0; f < nx; f++)
                for (int i = 0; i < n; i++)
                    to->score[(size_t)(o + i) * to->k + j + f] += sums[f * n + i];
        }
    }
}

/* The same for two outcomes, whose information is one weighted cross product. */
APART void NAME(one_pair)(const Slice *s, Sums *to)
{
    double sums[UP(4 * CROSS_MOST)];
    NAME(pair_weight)(s, 0, 0, s->w);
    for (int j = 0; j < to->k; j++)
        for (int row = 0; row < s->rows; row += VL)
            store(s->r + (size_t)j * STRIDE + row,
                  load(s->x + (size_t)j * STRIDE + row) * load(s->w + row));
    for (int a = 0, n; a < to->k; a += n) {
        n = NEXT_GROUP(to->k - a, CROSS_MOST);
        for (int b = a; b < to->k; b += 4) {
            const double *x[4];
            for (int f = 0; f < 4; f++)
                x[f] = s->x + (size_t)(b + f < to->k ? b + f : to->k) * STRIDE;
            NAME(cross)(n, x, s->r + (size_t)a * STRIDE, s->rows, sums);
            for (int i = 0; i < n; i++) {
                /* pairs (a + i, a + i), (a + i, a + i + 1), ... stand one after the other */
                double *row = to->information + ((size_t)(a + i) * (2 * to->k - a - i + 1)) / 2;
                for (int f = 0; f < 4 && b + f < to->k; f++)
                    if (b + f >= a + i)
                        row[b + f - a - i] += sums[f * n + i];
            }
        }
    }
}

/* sums[f][g] = sum over rows of x_f z_f w_g: NF pairs of columns, NG columns of weights. */
#define PAIRS(NF, NG)                                                                        \
    APART void NAME(pairs_##NG)(const double *const *x, const double *const *z,              \
                                const double *w, int rows, double *sums)                     \
    {                                                                                        \
        const double *xs[NF], *zs[NF];                                                       \
        for (int f = 0; f < NF; f++) {                                                       \
            xs[f] = x[f];                                                                    \
            zs[f] = z[f];                                                                    \
        }                                                                                    \
        CLEARED(sum, NF * NG);                                                               \
        for (int row = 0; row < rows; row += VL) {                                           \
            TILE_STEP(NF, NG, load(xs[f_] + row) * load(zs[f_] + row),                       \
                      load(w + g_ * STRIDE + row));                                          \
        }                                                                                    \
        GATHER(sum, NF * NG, sums);                                                          \
    }
/* Groups of q (q + 1) / 2 pairs, q > 1, at most six in each, have no other sizes. */
PAIRS(4, 3) PAIRS(FEW, 5) PAIRS(FEW, 6)

/* All pairs of features with the weights of n pairs of outcomes, the first of number `first`. */
APART void NAME(all_pairs)(const Slice *s, Sums *to, int64_t first, int n)
{
    double sums[UP(4 * MOST_PAIRS)];
    int k = to->k, a = 0, b = 0, most = n == 3 ? 4 : FEW;
    int64_t length = (int64_t)k * (k + 1) / 2;
    double *at = to->information + first * length;
    while (a < k) {
        const double *x[4], *z[4];
        int f = 0;
        for (; f < most && a < k; f++) {
            x[f] = s->x + (size_t)a * STRIDE;
            z[f] = s->x + (size_t)b * STRIDE;
            if (++b == k)
                b = ++a;
        }
        for (int rest = f; rest < most; rest++)
            x[rest] = z[rest] = s->x + (size_t)k * STRIDE;
        switch (n) {
        case 3: NAME(pairs_3)(x, z, s->w, s->rows, sums); break;
        case 5: NAME(pairs_5)(x, z, s->w, s->rows, sums); break;
        default: NAME(pairs_6)(x, z, s->w, s->rows, sums);
        }
        for (int g = 0; g < n; g++)
            for (int i = 0; i < f; i++)
                at[g * length + i] += sums[i * n + g];
        at += f;
    }
}

/* The same where there are many pairs of outcomes: products of features are kept for all of them. */
APART void NAME(kept_products)(const Slice *s, Sums *to, int64_t n_pairs)
{
    double sums[UP(4 * CROSS_MOST)], *at = to->information;
    int k = to->k, q = to->q, a = 0, b = 0;
    int64_t length = (int64_t)k * (k + 1) / 2;
    while (a < k) {
        int kept = 0;
        for (; kept < PRODUCTS && a < k; kept++) {
            const double *x = s->x + (size_t)a * STRIDE, *z = s->x + (size_t)b * STRIDE;
            for (int row = 0; row < s->rows; row += VL)
                store(s->products + (size_t)kept * STRIDE + row, load(x + row) * load(z + row));
            if (++b == k)
                b = ++a;
        }
        int j = 0, l = 0;
        for (int64_t first = 0, n; first < n_pairs; first += n) {
            n = NEXT_GROUP(n_pairs - first, CROSS_MOST);
            for (int g = 0; g < n; g++) {
                NAME(pair_weight)(s, j, l, s->w + g * STRIDE);
                if (++l == q)
                    l = ++j;
            }
            for (int f = 0; f < kept; f += 4) {
                const double *x[4];
                for (int i = 0; i < 4; i++)
                    x[i] = f + i < kept ? s->products + (size_t)(f + i) * STRIDE
                                        : s->x + (size_t)k * STRIDE;
                NAME(cross)((int)n, x, s->w, s->rows, sums);
                for (int g = 0; g < n; g++)
                    for (int i = 0; i < 4 && f + i < kept; i++)
                        at[(first + g) * length + f + i] += sums[i * n + g];
            }
        }
        at += kept;
    }
}

APART void NAME(information)(const Slice *s, Sums *to)
{
    int q = to->q, j = 0, l = 0;
    int64_t n_pairs = (int64_t)q * (q + 1) / 2;
    if (n_pairs > KEEP) {
        NAME(kept_products)(s, to, n_pairs);
        return;
    }
    for (int64_t first = 0, n; first < n_pairs; first += n) {
        n = NEXT_GROUP(n_pairs - first, MOST_PAIRS);
        for (int g = 0; g < n; g++) {
            NAME(pair_weight)(s, j, l, s->w + g * STRIDE);
            if (++l == q)
                l = ++j;
        }
        NAME(all_pairs)(s, to, first, (int)n);
    }
}

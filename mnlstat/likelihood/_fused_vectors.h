/* Vectors of numbers with exponentials and logarithms; part of _fused_pass.h. */

typedef double NAME(vd) __attribute__((vector_size(VL * 8)));
typedef int64_t NAME(vi) __attribute__((vector_size(VL * 8)));
typedef uint64_t NAME(vu) __attribute__((vector_size(VL * 8)));
#define vd NAME(vd)
#define vi NAME(vi)
#define vu NAME(vu)
#define INLINE static inline TARGET __attribute__((always_inline))
#define APART static TARGET __attribute__((noinline))

INLINE vd NAME(load)(const double *p) { vd v; memcpy(&v, p, sizeof v); return v; }
INLINE void NAME(store)(double *p, vd v) { memcpy(p, &v, sizeof v); }
INLINE vd NAME(all)(double a) { vd v = {0}; return v + a; }
INLINE vi NAME(alli)(int64_t a) { vi v = {0}; return v + a; }
INLINE vd NAME(pick)(vi where, vd yes, vd no) { return (vd)(((vi)yes & where) | ((vi)no & ~where)); }
#define load NAME(load)
#define store NAME(store)
#define all NAME(all)
#define alli NAME(alli)
#define pick NAME(pick)

/* Sums over the lanes of VL vectors at once: lane i of the answer belongs to a[i]. */
INLINE vd NAME(lanes)(const vd *a)
{
#if VL == 2
    return SHUFFLE(vi, a[0], a[1], 0, 2) + SHUFFLE(vi, a[0], a[1], 1, 3);
#else
    vd b[VL / 2], c[VL / 4];
#if VL == 4
    for (int i = 0; i < 2; i++)
        b[i] = SHUFFLE(vi, a[2 * i], a[2 * i + 1], 0, 4, 2, 6)
             + SHUFFLE(vi, a[2 * i], a[2 * i + 1], 1, 5, 3, 7);
    c[0] = SHUFFLE(vi, b[0], b[1], 0, 1, 4, 5) + SHUFFLE(vi, b[0], b[1], 2, 3, 6, 7);
    return c[0];
#else
    for (int i = 0; i < 4; i++)
        b[i] = SHUFFLE(vi, a[2 * i], a[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14)
             + SHUFFLE(vi, a[2 * i], a[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    for (int i = 0; i < 2; i++)
        c[i] = SHUFFLE(vi, b[2 * i], b[2 * i + 1], 0, 1, 8, 9, 4, 5, 12, 13)
             + SHUFFLE(vi, b[2 * i], b[2 * i + 1], 2, 3, 10, 11, 6, 7, 14, 15);
    return SHUFFLE(vi, c[0], c[1], 0, 1, 2, 3, 8, 9, 10, 11)
         + SHUFFLE(vi, c[0], c[1], 4, 5, 6, 7, 12, 13, 14, 15);
#endif
#endif
}

/* exp(x) for x <= 0: 2^i exp(r) with |r| <= log(2) / 2 and the series to degree 13.
   Exactly one at zero.  "far" allows for answers below 2^-1022, at some cost. */
INLINE vd NAME(exponential)(vd x, int far)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: leaves an integer in the low bits */
    const vd least = all(far ? -746.0 : -708.0);
    x = pick(x < least, least, x);
    vd t = x * 1.4426950408889634074 + shift, i = t - shift;
    vd r = (x - i * 6.93147180369123816490e-01) - i * 1.90821492927058770002e-10;
    vd s = all(1.0 / 6227020800.0);
    s = s * r + 1.0 / 479001600.0;
    s = s * r + 1.0 / 39916800.0;
    s = s * r + 1.0 / 3628800.0;
    s = s * r + 1.0 / 362880.0;
    s = s * r + 1.0 / 40320.0;
    s = s * r + 1.0 / 5040.0;
    s = s * r + 1.0 / 720.0;
    s = s * r + 1.0 / 120.0;
    s = s * r + 1.0 / 24.0;
    s = s * r + 1.0 / 6.0;
    s = s * r + 0.5;
    s = s * (r * r) + r + 1.0;
    if (!far)
        return (vd)((vu)s + ((vu)t << 52));
    const vu one = (vu)all(1.0);
    vd half = i * 0.5 + shift, other = (i - (half - shift)) + shift;
    return s * (vd)(((vu)half << 52) + one) * (vd)(((vu)other << 52) + one);
}

/* log(1 + x) for x >= 0, after FreeBSD's s_log1p.c (Copyright 1993 by Sun Microsystems, Inc.;
   permission to use, copy, modify, and distribute is granted with this notice). */
INLINE vd NAME(log_plus_one)(vd x)
{
    const vu low = (vu)alli(0x3fe6a09e00000000), one = (vu)all(1.0);
    vd u = x + 1.0, v = u - 1.0;
    vd lost = ((1.0 - (u - v)) + (x - v)) / u;
    vu t = (vu)u + (one - low);
    vd i = (vd)((t >> 52) | (vu)all(4503599627370496.0)) - (4503599627370496.0 + 1023.0);
    vd f = (vd)((t & (vu)alli(0x000fffffffffffff)) + low) - 1.0;
    vi small = u < all(1.4142135623730950);
    f = pick(small, x, f);
    lost = pick(small, all(0.0), lost);
    i = pick(small, all(0.0), i);
    vd half = 0.5 * f * f, s = f / (2.0 + f), z = s * s;
    vd p = all(1.479819860511658591e-01);
    p = p * z + 1.531383769920937332e-01;
    p = p * z + 1.818357216161805012e-01;
    p = p * z + 2.222219843214978396e-01;
    p = p * z + 2.857142874366239149e-01;
    p = p * z + 3.999999999940941908e-01;
    p = p * z + 6.666666666666735130e-01;
    p = p * z;
    vd fine = s * (half + p) + (i * 1.90821492927058770002e-10 + lost);
    return i * 6.93147180369123816490e-01 - ((half - fine) - f);
}

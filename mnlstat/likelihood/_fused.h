/* What one pass over a block of rows reads, needs and gives. */
#ifndef MNLSTAT_FUSED_H
#define MNLSTAT_FUSED_H

#include <stdint.h>

/* Rows worked on at once: their columns stay in the cache. */
#define ROWS 256
/* From one column of a slice to the next; not a power of two, lest columns share cache sets. */
#define STRIDE (ROWS + 8)
/* Rows of a slice are filled up to a multiple of this with rows that count nothing. */
#define FILL 32
/* Most pairs of outcomes whose weights are formed at once. */
#define MOST_PAIRS 6

/* Most products of features that are kept at once, a multiple of four. */
#define PRODUCTS 64

/* A slice of rows, column by column, each STRIDE apart. */
typedef struct {
    double *x;      /* k columns of the design, and one of zeros */
    double *e;      /* J outcomes, the base last: offsets or zeros, then exponentials */
    double *r;      /* max(q, k) columns: residuals, or columns of the design times a weight */
    double *w;      /* MOST_PAIRS columns: weights of pairs of outcomes */
    double *products; /* PRODUCTS columns: products of two features */
    double *mass;   /* weights of the rows; zero for those that only fill up */
    double *rest;   /* sum of the exponentials of all outcomes but the most probable */
    double *total;  /* 1 + rest */
    double *scale;  /* mass / total */
    double *square; /* mass / total^2 */
    int64_t *chosen; /* position of the outcome that was chosen, the base last */
    int rows;       /* of the slice, a multiple of FILL */
    int has_offset; /* whether e holds offsets when the slice begins */
} Slice;

/* Sums over rows, to which each slice adds. */
typedef struct {
    int k, q;
    const double *B;     /* (q, k) */
    double value;        /* log-likelihood of the last slice */
    double *score;       /* (q, k), or NULL */
    double *information; /* (q (q + 1) / 2, k (k + 1) / 2), or NULL */
} Sums;

#endif

/* Log-likelihood, score and information of a block of rows in one pass, slice by slice.

   This file reads arrays and chooses the instructions; the arithmetic is in _fused_pass.h. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "_fused.h"

#if !defined(__GNUC__)
#error "needs the vector extensions of GCC or Clang; without this module numpy does the work"
#endif

#if defined(__clang__)
#define SHUFFLE(vi, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(vi, a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#endif

#if defined(__x86_64__)
#define VL 8
#define WIDE 1
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#define NAME(f) f##_avx512
#include "_fused_pass.h"

#define VL 4
#define WIDE 0
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(f) f##_avx2
#include "_fused_pass.h"
#endif

#define VL 2
#if defined(__x86_64__)
#define WIDE 0
#else
#define WIDE 1
#endif
#define TARGET
#define NAME(f) f##_plain
#include "_fused_pass.h"

/* The sets of instructions that this machine has, best first. */
static struct {
    const char *name;
    void (*pass)(const Slice *, Sums *);
} variants[3];
static int n_variants = 0;

static void find_variants(void)
{
    n_variants = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    int fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl")) {
        variants[n_variants].name = "avx512";
        variants[n_variants++].pass = pass_avx512;
    }
    if (fma) {
        variants[n_variants].name = "avx2";
        variants[n_variants++].pass = pass_avx2;
    }
#endif
    variants[n_variants].name = "plain";
    variants[n_variants++].pass = pass_plain;
}

/* The arrays of a call. */
enum { X, CODES, WEIGHTS, OFFSET, ENDS, B, ORDER, VALUE, SCORE, INFORMATION, N_ARRAYS };

static const struct {
    const char *name;
    int ndim;
    int is_float, contiguous, optional, writable;
} expected[N_ARRAYS] = {
    [X] = {"X", 2, 1, 0, 0, 0},
    [CODES] = {"codes", 1, 0, 0, 0, 0},
    [WEIGHTS] = {"weights", 1, 1, 0, 1, 0},
    [OFFSET] = {"offset", 2, 1, 0, 1, 0},
    [ENDS] = {"ends", 1, 0, 0, 1, 0},
    [B] = {"B", 2, 1, 1, 0, 0},
    [ORDER] = {"order", 1, 0, 0, 0, 0},
    [VALUE] = {"value", 1, 1, 1, 0, 1},
    [SCORE] = {"score", 2, 1, 1, 1, 1},
    [INFORMATION] = {"information", 2, 1, 1, 1, 1},
};

typedef struct {
    Py_buffer view[N_ARRAYS];
    int held[N_ARRAYS];
    int64_t *place; /* of each outcome: those that are not the base in order, the base last */
    void *room;
    Slice slice;
    Sums sums;
    Py_ssize_t n, stretches;
    int J, ones; /* whether a column of ones goes before those of X */
} Call;

static int get_array(Call *call, int which, PyObject *object)
{
    if (object == Py_None && expected[which].optional)
        return 0;
    Py_buffer *view = &call->view[which];
    int flags = PyBUF_FORMAT | (expected[which].contiguous ? PyBUF_C_CONTIGUOUS : PyBUF_STRIDES);
    if (expected[which].writable)
        flags |= PyBUF_WRITABLE;
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return -1;
    call->held[which] = 1;
    const char *kinds = expected[which].is_float ? "d" : "bBhHiIlLqQ";
    if (view->ndim != expected[which].ndim || view->format == NULL || view->format[0] == '\0'
        || view->format[1] != '\0' || strchr(kinds, view->format[0]) == NULL) {
        PyErr_Format(PyExc_TypeError, "%s must be an array of %d dimensions of %s",
                     expected[which].name, expected[which].ndim,
                     expected[which].is_float ? "double" : "integers");
        return -1;
    }
    return 0;
}

static int has_shape(const Call *call, int which, Py_ssize_t first, Py_ssize_t second)
{
    const Py_buffer *view = &call->view[which];
    if (!call->held[which]
        || (view->shape[0] == first && (view->ndim == 1 || view->shape[1] == second)))
        return 1;
    PyErr_Format(PyExc_ValueError, "%s has a shape that does not fit", expected[which].name);
    return 0;
}

/* m integers of any width from `start` on; those beyond 64 signed bits come out negative. */
static void read_integers(const Py_buffer *view, Py_ssize_t start, int m, int64_t *out)
{
    const char *at = (const char *)view->buf + start * view->strides[0];
    switch (view->itemsize * (strchr("bhilq", view->format[0]) ? 1 : -1)) {
#define CASE(size, type)                                                                     \
    case size:                                                                               \
        for (int i = 0; i < m; i++, at += view->strides[0]) {                                \
            type number;                                                                     \
            memcpy(&number, at, sizeof number);                                              \
            out[i] = (int64_t)number;                                                        \
        }                                                                                    \
        break;
    CASE(1, int8_t) CASE(2, int16_t) CASE(4, int32_t) CASE(8, int64_t)
    CASE(-1, uint8_t) CASE(-2, uint16_t) CASE(-4, uint32_t) CASE(-8, uint64_t)
#undef CASE
    }
}

static void read_numbers(const char *at, Py_ssize_t step, int m, double *out)
{
    for (int i = 0; i < m; i++, at += step)
        memcpy(out + i, at, sizeof *out);
}

static int check_shapes(Call *call)
{
    const Py_buffer *view = call->view;
    Py_ssize_t n = view[X].shape[0], k = view[B].shape[1], q = view[ORDER].shape[0] - 1;
    Py_ssize_t stretches = call->held[ENDS] ? view[ENDS].shape[0] : 1;
    Py_ssize_t ones = k - view[X].shape[1], pairs = stretches * q * (q + 1) / 2;
    if (k < 1 || q < 1 || k > 1 << 20 || q > 1 << 14) {
        PyErr_SetString(PyExc_ValueError, "too few or too many columns or outcomes");
        return -1;
    }
    if (ones != 0 && !(ones == 1 && call->held[ENDS])) {
        PyErr_SetString(PyExc_ValueError, "B has columns that X has not");
        return -1;
    }
    if (n > 1 && view[X].shape[1] > 0 && view[X].strides[0] != (Py_ssize_t)sizeof(double)) {
        PyErr_SetString(PyExc_ValueError, "the columns of X must be contiguous");
        return -1;
    }
    if (call->held[INFORMATION] && !call->held[SCORE]) {
        PyErr_SetString(PyExc_ValueError, "information without score");
        return -1;
    }
    call->n = n;
    call->stretches = stretches;
    call->J = (int)q + 1;
    call->ones = (int)ones;
    call->sums.k = (int)k;
    call->sums.q = (int)q;
    return has_shape(call, CODES, n, 0) && has_shape(call, WEIGHTS, n, 0)
        && has_shape(call, OFFSET, q + 1, n) && has_shape(call, B, stretches * q, k)
        && has_shape(call, VALUE, 2, 0) && has_shape(call, SCORE, stretches * q, k)
        && has_shape(call, INFORMATION, pairs, k * (k + 1) / 2) ? 0 : -1;
}

/* Room for a slice, and the places of the outcomes. */
static int get_room(Call *call)
{
    Slice *s = &call->slice;
    size_t k = (size_t)call->sums.k, q = (size_t)call->sums.q, J = q + 1;
    size_t wide = q > k ? q : k, products = call->held[INFORMATION] ? PRODUCTS : 0;
    size_t columns = (k + 1) + J + wide + MOST_PAIRS + products + 6;
    call->place = malloc(J * sizeof *call->place);
    call->room = malloc(columns * STRIDE * sizeof(double) + 64);
    if (call->place == NULL || call->room == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    double *next = (double *)(((uintptr_t)call->room + 63) & ~(uintptr_t)63);
    s->x = next, next += (k + 1) * STRIDE;
    memset(s->x + k * STRIDE, 0, STRIDE * sizeof(double));
    s->e = next, next += J * STRIDE;
    s->r = next, next += wide * STRIDE;
    s->w = next, next += MOST_PAIRS * STRIDE;
    s->products = next, next += products * STRIDE;
    s->mass = next, next += STRIDE;
    s->rest = next, next += STRIDE;
    s->total = next, next += STRIDE;
    s->scale = next, next += STRIDE;
    s->square = next, next += STRIDE;
    s->chosen = (int64_t *)next;
    s->has_offset = call->held[OFFSET];
    for (int j = 0; j < call->J; j++)
        call->place[j] = -1;
    for (int j = 0; j < call->J; j++) {
        int64_t outcome = -1;
        read_integers(&call->view[ORDER], j, 1, &outcome);
        if (outcome < 0 || outcome >= call->J || call->place[outcome] >= 0) {
            PyErr_SetString(PyExc_ValueError, "order is not an order of the outcomes");
            return -1;
        }
        call->place[outcome] = j;
    }
    return 0;
}

/* m rows from `start` on, filled up with rows of no weight; -1 for a code that is no outcome. */
static int read_slice(Call *call, Py_ssize_t start, int m)
{
    Slice *s = &call->slice;
    const Py_buffer *x = &call->view[X], *weights = &call->view[WEIGHTS];
    const Py_buffer *offset = &call->view[OFFSET];
    s->rows = (m + FILL - 1) / FILL * FILL;
    size_t fill = (size_t)(s->rows - m) * sizeof(double);
    for (int j = 0; j < call->ones; j++) {
        for (int i = 0; i < m; i++)
            s->x[i] = 1.0;
        memset(s->x + m, 0, fill);
    }
    for (int j = 0; j < call->sums.k - call->ones; j++) {
        double *to = s->x + (size_t)(j + call->ones) * STRIDE;
        memcpy(to, (const char *)x->buf + j * x->strides[1] + start * 8, (size_t)m * 8);
        memset(to + m, 0, fill);
    }
    read_integers(&call->view[CODES], start, m, s->chosen);
    for (int i = 0; i < m; i++) {
        if (s->chosen[i] < 0 || s->chosen[i] >= call->J)
            return -1;
        s->chosen[i] = call->place[s->chosen[i]];
    }
    memset(s->chosen + m, 0, fill);
    for (int i = 0; i < m; i++)
        s->mass[i] = 1.0;
    if (call->held[WEIGHTS])
        read_numbers((const char *)weights->buf + start * weights->strides[0],
                     weights->strides[0], m, s->mass);
    memset(s->mass + m, 0, fill);
    for (int j = 0; j < call->J; j++) {
        double *to = s->e + (size_t)call->place[j] * STRIDE;
        memset(to, 0, (size_t)s->rows * sizeof(double));
        if (call->held[OFFSET])
            read_numbers((const char *)offset->buf + j * offset->strides[0]
                             + start * offset->strides[1],
                         offset->strides[1], m, to);
    }
    return 0;
}

/* Coefficients of a stretch of rows, and where its sums go. */
static void enter_stretch(Call *call, Py_ssize_t which)
{
    Sums *to = &call->sums;
    size_t k = (size_t)to->k, q = (size_t)to->q, at = (size_t)which * q;
    to->B = (const double *)call->view[B].buf + at * k;
    to->score = call->held[SCORE] ? (double *)call->view[SCORE].buf + at * k : NULL;
    to->information = NULL;
    if (call->held[INFORMATION])
        to->information
            = (double *)call->view[INFORMATION].buf + at * (q + 1) / 2 * (k * (k + 1) / 2);
}

/* All slices of all stretches; the log-likelihood carries what rounding takes from it (Knuth). */
static const char *run(Call *call, void (*pass)(const Slice *, Sums *))
{
    double value = 0.0, carried = 0.0;
    int64_t start = 0, end = call->n;
    for (Py_ssize_t which = 0; which < call->stretches; which++) {
        if (call->held[ENDS])
            read_integers(&call->view[ENDS], which, 1, &end);
        if (end < start || end > call->n)
            return "the ends of the stretches do not ascend";
        enter_stretch(call, which);
        for (int64_t m; start < end; start += m) {
            m = end - start < ROWS ? end - start : ROWS;
            if (read_slice(call, start, (int)m) < 0)
                return "a code is not the number of an outcome";
            pass(&call->slice, &call->sums);
            double more = call->sums.value, sum = value + more, virtual = sum - value;
            carried += (value - (sum - virtual)) + (more - virtual);
            value = sum;
        }
    }
    double *out = call->view[VALUE].buf;
    out[0] = value;
    out[1] = carried;
    return start == call->n ? NULL : "the stretches end before the rows do";
}

static PyObject *block_sums(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *given[N_ARRAYS], *answer = NULL;
    Call call = {0};
    int variant;
    const char *wrong;
    if (!PyArg_ParseTuple(args, "iOOOOOOOOOO:block_sums", &variant, &given[X], &given[CODES],
                          &given[WEIGHTS], &given[OFFSET], &given[ENDS], &given[B],
                          &given[ORDER], &given[VALUE], &given[SCORE], &given[INFORMATION]))
        return NULL;
    if (variant < 0 || variant >= n_variants)
        return PyErr_Format(PyExc_ValueError, "there is no variant %d", variant);
    for (int which = 0; which < N_ARRAYS; which++)
        if (get_array(&call, which, given[which]) < 0)
            goto done;
    if (check_shapes(&call) < 0 || get_room(&call) < 0)
        goto done;
    Py_BEGIN_ALLOW_THREADS
    wrong = run(&call, variants[variant].pass);
    Py_END_ALLOW_THREADS
    if (wrong != NULL)
        PyErr_SetString(PyExc_ValueError, wrong);
    else
        answer = Py_NewRef(Py_None);
done:
    free(call.room);
    free(call.place);
    for (int which = 0; which < N_ARRAYS; which++)
        if (call.held[which])
            PyBuffer_Release(&call.view[which]);
    return answer;
}

static PyMethodDef methods[] = {
    {"block_sums", block_sums, METH_VARARGS,
     "block_sums(variant, X, codes, weights, offset, ends, B, order, value, score, information)"
     "\n--\n\n"
     "Add log-likelihood, score and information of a block of rows to arrays of zeros.\n\n"
     "With ends, of stretches that each have coefficients and sums of their own, stacked."},
    {NULL, NULL, 0, NULL},
};

static int fill_module(PyObject *module)
{
    find_variants();
    PyObject *names = PyTuple_New(n_variants);
    if (names == NULL)
        return -1;
    for (int i = 0; i < n_variants; i++) {
        PyObject *name = PyUnicode_FromString(variants[i].name);
        if (name == NULL || PyTuple_SetItem(names, i, name) < 0) {
            Py_DECREF(names);
            return -1;
        }
    }
    int outcome = PyModule_AddObjectRef(module, "VARIANTS", names);
    Py_DECREF(names);
    return outcome;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_fused",
    .m_doc = "Sums over a block of rows in one pass.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__fused(void)
{
    return PyModuleDef_Init(&definition);
}

from mnlstat.arrays import FloatArray, IntArray

VARIANTS: tuple[str, ...]

def block_sums(
    variant: int,
    X: FloatArray,
    codes: IntArray | FloatArray,
    weights: FloatArray | None,
    offset: FloatArray | None,
    ends: IntArray | None,
    B: FloatArray,
    order: IntArray,
    value: FloatArray,
    score: FloatArray | None,
    information: FloatArray | None,
    /,
) -> None: ...

"""The learned design pickles, copies, and loads in a fresh process."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import patsy
import pytest

from mnlstat.design.prepare import prepare
from mnlstat.errors import FormulaError

KNOTS = [-0.5, 0.5]
LEVELS = np.array(["w", "v", "u"])
POWER = 3


def cubed(v):
    return v**POWER


class Halved:
    """A stateful transform of the user's own."""

    def __init__(self) -> None:
        self.middle = 0.0

    def memorize_chunk(self, x) -> None:
        self.middle = float(np.mean(x)) / 2

    def memorize_finish(self) -> None:
        pass

    def transform(self, x):
        return x - self.middle


halved = patsy.stateful_transform(Halved)
RIGHT_SIDES = [
    "x*g + C(i, Poly) + cat + flag",
    "center(x) + standardize(z) + scale(x, ddof=1)",
    "bs(x, knots=KNOTS) + cr(z, df=4) + te(cr(x, df=3), cc(z, df=3))",
    "C(g, levels=LEVELS) + I(x**POWER)",
    "np.log(z) + np.where(x > 0, x, 0) + pd.cut(x, [-9, 0, 9])",
    "cubed(x) + I(math.pi * x)",
    "halved(x)",
    "patsy.center(x) + np.exp(halved(x)) + patsy.standardize(np.log(z))",
    "Q('two words') + C(C(g), Sum)",
    "g.map(lookup)",
]
lookup = {"u": 1.0, "v": 2.0, "w": 3.5}


@pytest.mark.parametrize("right", RIGHT_SIDES)
def test_pickle_and_deepcopy_give_identical_columns(right, frame) -> None:
    made = prepare(f"y ~ {right}", frame, scope=globals())
    for other in (
        pickle.loads(pickle.dumps(made.spec)),
        copy.deepcopy(made.spec),
        copy.copy(made.spec),
    ):
        assert other.columns == made.spec.columns and other.terms == made.spec.terms
        assert other.factors == made.spec.factors and other.response == made.spec.response
        np.testing.assert_array_equal(other.design(frame).X, made.X)


FRESH = """
import pickle, sys
import numpy as np
import pandas as pd
spec = pickle.load(open(sys.argv[1], "rb"))
data = pd.read_pickle(sys.argv[2])
np.save(sys.argv[3], spec.design(data).X)
assert "statsmodels" not in sys.modules
"""


def test_a_fresh_process_gives_identical_columns(tmp_path, frame) -> None:
    right = "bs(x, knots=KNOTS) + center(np.log(z)) + C(g, levels=LEVELS)"
    right += " + I(math.floor(POWER) * x) + sqrt(z)"
    scope = {**globals(), "sqrt": np.sqrt}
    made = prepare(f"y ~ {right}", frame, scope=scope)
    design, data, out = (str(tmp_path / name) for name in ("design.pkl", "data.pkl", "X.npy"))
    with open(design, "wb") as file:
        pickle.dump(made.spec, file)
    frame.to_pickle(data)
    subprocess.run([sys.executable, "-c", FRESH, design, data, out], check=True)
    np.testing.assert_array_equal(np.load(out), made.X)


def test_what_is_outside_is_kept_by_value(frame) -> None:
    knots = [-0.5, 0.5]
    made = prepare("y ~ bs(x, knots=knots)", frame, scope={"knots": knots})
    knots[0] = 0.0
    np.testing.assert_array_equal(made.spec.design(frame).X, made.X)


@pytest.mark.parametrize("kind", ["lambda", "local function", "local class"])
def test_local_functions_fit_but_do_not_pickle(kind, frame) -> None:
    def local(v):
        return 2 * v

    class Doubled:
        def __call__(self, v):
            return 2 * v

    twice = {"lambda": lambda v: 2 * v, "local function": local, "local class": Doubled()}[kind]
    made = prepare("y ~ twice(x)", frame, scope={"twice": twice})
    np.testing.assert_array_equal(made.X[:, 1], 2 * frame["x"])
    with pytest.raises(FormulaError, match=r"'twice'.*\n.*top level"):
        pickle.dumps(made.spec)
    np.testing.assert_array_equal(copy.deepcopy(made.spec).design(frame).X, made.X)


def test_inline_lambdas_and_comprehensions_pickle(frame) -> None:
    made = prepare("y ~ x.map(lambda v: v**2) + I([v for v in z])", frame, scope={})
    np.testing.assert_array_equal(made.X[:, 1], frame["x"] ** 2)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(made.spec)).design(frame).X, made.X)


def test_a_function_that_is_gone_is_named_when_loading(frame, monkeypatch) -> None:
    saved = pickle.dumps(prepare("y ~ cubed(x)", frame, scope=globals()).spec)
    monkeypatch.delattr(sys.modules[__name__], "cubed")
    with pytest.raises(FormulaError, match=r"'cubed'.*has no 'cubed'"):
        pickle.loads(saved)


def test_a_module_that_is_gone_is_named_when_loading(frame, monkeypatch, tmp_path) -> None:
    (tmp_path / "gone_tomorrow.py").write_text("def f(v):\n    return v\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import gone_tomorrow

    formula = "y ~ gone_tomorrow.f(x)"
    saved = pickle.dumps(prepare(formula, frame, scope={"gone_tomorrow": gone_tomorrow}).spec)
    monkeypatch.setitem(sys.modules, "gone_tomorrow", None)
    with pytest.raises(FormulaError, match="'gone_tomorrow' cannot be imported"):
        pickle.loads(saved)
    assert pd.__name__ == "pandas" and math.pi > 3

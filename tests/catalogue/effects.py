"""Effects that cannot be had as they are asked for."""

from __future__ import annotations

import numpy as np

import mnlstat as mn
from mnlstat.errors import (
    AliasedWarning,
    DataError,
    MissingDataWarning,
    MnlstatWarning,
    OptionError,
    RankError,
)
from tests.catalogue.cases import Case, case, clean, fit, put

RESULT = fit(clean(), "y ~ x + z + g")
POWERS = fit(clean(), "y ~ np.log(x + 9) + I(z > 0)")
TWICE = "y ~ w + C(w)"
SHIFTED = fit(clean(), "y ~ x + offset(z)")

CASES: dict[str, Case] = {
    "an unknown variable": case(
        lambda: RESULT.margins("xx"), OptionError, "'xx'", "did you mean 'x'", "'g'"
    ),
    "a variable that is no name": case(lambda: RESULT.comparisons(5), OptionError, "5", "'x'"),
    "no variable": case(lambda: RESULT.margins([]), OptionError, "[]"),
    "no change of any": case(lambda: RESULT.comparisons({}), OptionError, "{}"),
    "a formula without variables": case(
        lambda: fit(clean(), "y ~ 1").margins(), OptionError, "no variables"
    ),
    "the column of the offset": case(
        lambda: SHIFTED.margins("z"), OptionError, "'z'", "offset"
    ),
    "an unknown place": case(
        lambda: RESULT.margins(at="means"), OptionError, "'means'", "did you mean 'mean'"
    ),
    "a place that is a number": case(lambda: RESULT.margins(at=3), OptionError, "at=3", "dict"),
    "an unknown column in at": case(
        lambda: RESULT.margins("x", at={"zz": 1}), OptionError, "'zz'", "did you mean 'z'"
    ),
    "a level that the fit did not see": case(
        lambda: RESULT.average_predictions(at={"g": ["low", "new"]}), DataError, "'g'", "'new'",
        "'mid'",
    ),
    "text for numbers": case(
        lambda: RESULT.margins("x", at={"z": ["much"]}), DataError, "'z'", "numbers", "text"
    ),
    "a missing value": case(
        lambda: RESULT.margins("x", at={"z": np.nan}), OptionError, "'z'", "nan"
    ),
    "an infinite value": case(
        lambda: RESULT.margins("x", at={"z": [np.inf]}), DataError, "'z'", "infinite"
    ),
    "no values": case(lambda: RESULT.margins("x", at={"z": []}), OptionError, "'z'", "no values"),
    "values in values": case(
        lambda: RESULT.margins("x", at={"z": [[1.0, 2.0]]}), OptionError, "'z'", "[1.0, 2.0]"
    ),
    "what is set is compared": case(
        lambda: RESULT.comparisons("g", at={"g": "low"}), OptionError, "'g'", "at"
    ),
    "what is set is grouped by": case(
        lambda: RESULT.margins("x", at={"g": "low"}, by="g"), OptionError, "'g'", "by"
    ),
    "others where nothing is set": case(
        lambda: RESULT.margins(at="mean", others="median"), OptionError, "others='median'"
    ),
    "groups of single rows": case(
        lambda: RESULT.margins("x", at="rows", by="g"), OptionError, "by=", "at='rows'"
    ),
    "groups by no column": case(lambda: RESULT.margins("x", by="h"), DataError, "by", "'h'"),
    "groups by a number": case(lambda: RESULT.margins("x", by=7), DataError, "by", "60 rows"),
    "groups that are missing": case(
        lambda: fit(put("w", np.nan, [4])).margins("x", by="w"), DataError, "'w'", "missing",
        "first row 4",
    ),
    "an unknown kind": case(
        lambda: RESULT.margins(kind="exey"), OptionError, "'exey'", "'eyex'"
    ),
    "an elasticity in a factor": case(
        lambda: RESULT.margins("g", kind="eyex"), OptionError, "'g'", "levels"
    ),
    "an elasticity of a difference": case(
        lambda: RESULT.margins("x", kind="eyex", binary="difference"), OptionError, "binary="
    ),
    "a column read in two ways": case(
        lambda: fit(clean(), TWICE).margins("w"), OptionError, "'w'", "as a number and as"
    ),
    "a derivative of steps": case(
        lambda: POWERS.margins("z"), MnlstatWarning, "I(z > 0)", "jumps", "'z'"
    ),
    "an unknown way of comparing": case(
        lambda: RESULT.comparisons({"x": "std"}), OptionError, "'std'", "'sd'"
    ),
    "a step of zero": case(lambda: RESULT.comparisons({"x": 0}), OptionError, "'x'", "0"),
    "a step that is no number": case(
        lambda: RESULT.comparisons({"x": np.nan}), OptionError, "'x'", "nan", "'iqr'"
    ),
    "three values": case(
        lambda: RESULT.comparisons({"x": (1, 2, 3)}), OptionError, "'x'", "(1, 2, 3)"
    ),
    "a level and itself": case(
        lambda: RESULT.comparisons({"g": ("low", "low")}), OptionError, "'g'", "'low'"
    ),
    "an unseen level in a comparison": case(
        lambda: RESULT.comparisons({"g": ("low", "new")}), DataError, "'g'", "'new'", "'top'"
    ),
    "a logarithm of less than nothing": case(
        lambda: POWERS.comparisons({"x": -50.0}), MissingDataWarning, "60 rows", "NaN"
    ),
    "an unknown outcome": case(
        lambda: RESULT.margins("x", combine={"q": ["a", "bb"]}), OptionError, "'bb'",
        "did you mean 'b'",
    ),
    "a union of nothing": case(
        lambda: RESULT.margins("x", combine={"q": []}), OptionError, "'q'", "[]"
    ),
    "unions that are none": case(
        lambda: RESULT.margins("x", combine=["a", "b"]), OptionError, "combine=['a', 'b']"
    ),
    "a level of all": case(lambda: RESULT.margins("x", alpha=1.0), OptionError, "alpha=1.0"),
    "an unknown adjustment": case(
        lambda: RESULT.margins("x", adjust="maxt"), OptionError, "'maxt'", "did you mean 'max-t'"
    ),
    "contrasts over no key": case(
        lambda: RESULT.margins("x").contrasts("outcomes"), OptionError, "'outcomes'",
        "did you mean 'outcome'",
    ),
    "contrasts of nothing": case(
        lambda: RESULT.margins("x").contrasts("variable"), OptionError, "'variable'"
    ),
    "a test that probabilities are zero": case(
        lambda: RESULT.average_predictions().test(), RankError, "sum to one"
    ),
    "means of no factor": case(
        lambda: fit(clean(), "y ~ x").marginal_means(), OptionError, "no factor"
    ),
    "an unknown factor": case(
        lambda: RESULT.marginal_means("gg"), OptionError, "'gg'", "did you mean 'g'"
    ),
    "data without rows": case(
        lambda: RESULT.margins("x", data=clean().iloc[:0]), DataError, "no row"
    ),
    "data that miss something": case(
        lambda: RESULT.margins("x", data=put("z", np.nan, [1, 2])), MissingDataWarning, "2 of 60"
    ),
    "data without a column": case(
        lambda: RESULT.comparisons("x", data=clean().drop(columns="z")), DataError, "'z'"
    ),
    "data for an offset that was an array": case(
        lambda: fit(clean(), "y ~ x", offset=np.ones((60, 3))).margins("x", data=clean()),
        ValueError, "offset", "array",
    ),
    "a column by its position": case(
        lambda: RESULT.get_margeff(atexog={0: 1.0}), OptionError, "0", "name"
    ),
    "a place that only statsmodels knows": case(
        lambda: RESULT.get_margeff(at="zeros"), OptionError, "'zeros'", "did you mean 'zero'"
    ),
    "a cell that the data do not have": case(
        lambda: fit(
            clean()[lambda d: ~((d.g == "top") & (d.w == 3.0))], "y ~ C(g) * C(w)"
        ).marginal_means("g"),
        AliasedWarning, "C(g)[T.top]:C(w)[T.3",
    ),
    "an unknown argument": case(
        lambda: RESULT.margins("x", where="mean"), TypeError, "'where'"
    ),
    "arrays of another width": case(
        lambda: mn.MNLogit(clean()["y"], clean()[["x", "z"]].to_numpy()).fit().margins(
            data=np.ones((3, 5))
        ),
        DataError, "2 columns", "(3, 5)",
    ),
}  # fmt: skip

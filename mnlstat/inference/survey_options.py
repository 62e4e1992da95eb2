"""The design of a survey as a user gives it, checked: what contradicts itself is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from mnlstat.design.groups import for_data, of_data
from mnlstat.design.source import Source
from mnlstat.errors import OptionError
from mnlstat.options import check_choice, check_flag, check_positive, shown

LONELY = ("error", "remove", "adjust", "average")
ERROR, REMOVE, ADJUST, AVERAGE = LONELY
METHODS = ("JK1", "JKn", "BRR", "Fay", "bootstrap")
JK1, JKN, BRR, FAY, BOOTSTRAP = METHODS
OF_ROWS = ("strata", "psu", "fpc", "lonely", "nest", "subpop", "vadjust")
OF_REPLICATES = ("method", "scale", "rscales", "rho", "mse")
NAMES = (*OF_ROWS, "replicates", *OF_REPLICATES)


def design_of(*given: Any) -> dict[str, Any]:
    """Options of a design by their names, from their values in the order of ``NAMES``."""
    return dict(zip(NAMES, given, strict=True))


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """How rows were sampled; :meth:`MNLogitResults.with_cov` says what each is.

    Attributes
    ----------
    strata, psu, fpc, subpop : names of columns, or values for rows
    lonely : what to do with a stratum of one PSU
    nest : whether PSUs are named within strata
    vadjust : whether the covariance is multiplied by (n - 1)/(n - p)
    replicates : columns of replicate weights; None for linearisation
    method : "JK1", "JKn", "BRR", "Fay" or "bootstrap"
    scale, rscales : factors of all replicates, and of each; None for those of the method
    rho : of Fay's method
    mse : whether replicates are about the estimate itself, not about their mean
    """

    strata: Any = None
    psu: Any = None
    fpc: Any = None
    lonely: str = ERROR
    nest: bool = True
    subpop: Any = None
    vadjust: bool = False
    replicates: Any = None
    method: str = ""
    scale: float | None = None
    rscales: Any = None
    rho: float | None = None
    mse: bool = False

    @classmethod
    def checked(cls, **given: Any) -> SurveyDesign:
        """The design; OptionError for the first option that contradicts the others."""
        given = {name: value for name, value in given.items() if value is not None}
        replicated = "replicates" in given
        for name in given:
            if name in (OF_ROWS if replicated else OF_REPLICATES):
                why = "replicate weights hold the design" if replicated else "are not given"
                what = "replicates= is given, and" if replicated else "replicates="
                raise OptionError(
                    "survey-option", f"{name}={shown(given[name])}: {what} {why}. Leave one out."
                )
        return cls._of_replicates(given) if replicated else cls._of_rows(given)

    @classmethod
    def _of_rows(cls, given: dict[str, Any]) -> SurveyDesign:
        for name in ("nest", "vadjust"):
            if name in given:
                given[name] = check_flag(name, given[name])
        if "lonely" in given:
            given["lonely"] = check_choice("lonely", given["lonely"], LONELY)
        if "nest" in given and not ("strata" in given and "psu" in given):
            raise OptionError(
                "survey-option",
                f"nest={given['nest']} says whether PSUs are named within strata: give strata= and"
                " psu=, or leave it out.",
            )
        return cls(**given)

    @classmethod
    def _of_replicates(cls, given: dict[str, Any]) -> SurveyDesign:
        if "method" not in given:
            raise OptionError(
                "survey-option",
                f"replicates= needs method=, how the weights were made: {', '.join(METHODS)}.",
            )
        method = given["method"] = check_choice("method", given["method"], METHODS)
        if (method == FAY) != ("rho" in given):
            needs = "needs rho=, the share that is left of a weight" if method == FAY else "has no"
            raise OptionError(
                "survey-option", f"method={method!r} {needs}{'' if method == FAY else ' rho='}."
            )
        if method == JKN and "rscales" not in given:
            raise OptionError(
                "survey-option",
                "method='JKn' needs rscales=, (n_h - 1)/n_h of the stratum of each replicate.",
            )
        for name in ("scale", "rho"):
            if name in given:
                given[name] = check_positive(name, given[name])
        if given.get("rho", 0.5) >= 1:
            raise OptionError("survey-option", f"rho={given['rho']:g} must be below one.")
        if "mse" in given:
            given["mse"] = check_flag("mse", given["mse"])
        if "rscales" in given:
            given["rscales"] = _rscales(given["rscales"])
        return cls(**given)

    def for_data(self, source: Source) -> SurveyDesign:
        """The same with arrays as values for all rows of the data: for other fits."""
        own = {
            name: for_data(name, value, source)[0]
            for name in ("strata", "psu", "fpc")
            if (value := getattr(self, name)) is not None
        }
        if self.replicates is not None:
            own["replicates"] = for_data("replicates", self.replicates, source)
        if self.subpop is not None and not isinstance(self.subpop, bool | str):
            own["subpop"] = of_data("subpop", self.subpop, source)
        return replace(self, **own)


def _rscales(given: Any) -> Any:
    refused = OptionError(
        "survey-option",
        f"rscales={shown(given)} must be a number for each replicate, none negative.",
    )
    try:
        values = np.asarray(given)
        # numpy would read numbers out of text, truth values and complex ones, too
        if values.dtype.kind not in "iuf" and not all(map(_is_real, values.ravel().tolist())):
            raise refused
        numbers = values.astype(float)
    except (TypeError, ValueError) as error:
        raise refused from error
    if values.ndim != 1 or not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise refused
    return numbers


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)

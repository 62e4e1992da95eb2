"""What a covariance is asked for, checked: a combination that means nothing is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mnlstat.errors import OptionError
from mnlstat.inference.survey_options import SurveyDesign
from mnlstat.likelihood.penalty import JEFFREYS
from mnlstat.options import check_choice, check_count, check_flag, check_positive, shown

OBSERVED, OPG, ROBUST, CLUSTER, HAC, JACKKNIFE = (
    "observed", "opg", "robust", "cluster", "HAC", "jackknife"
)  # fmt: skip
HC0, HC1, HC2, HC3, CR2, CR3 = "HC0", "HC1", "HC2", "HC3", "CR2", "CR3"
SURVEY = "survey"
BOOTSTRAP = "bootstrap"
ALIASES = {"nonrobust": OBSERVED, "oim": OBSERVED}
CORRECTIONS = ("stata", "statsmodels", "sandwich", "none")
STATA = "stata"
UNITS = ("row", "trial")
ROW, TRIAL = UNITS
# Of t with fewer degrees of freedom quantiles are beyond what is computed.
FEWEST = 0.1
# Options that each kind takes, besides use_t and df.
TAKES: Mapping[str, tuple[str, ...]] = {
    OBSERVED: (),
    OPG: ("unit",),
    ROBUST: ("correction", "unit"),
    HC0: ("unit",),
    HC1: ("unit",),
    HC2: ("unit",),
    HC3: ("unit",),
    CLUSTER: ("groups", "correction", "unit"),
    CR2: ("groups",),
    CR3: ("groups",),
    HAC: ("time", "lags"),
    JACKKNIFE: ("groups", "unit", "refit"),
    SURVEY: (),
}
# Those that trust the likelihood: a likelihood ratio is a test under them.
LIKELIHOOD_KINDS = (OBSERVED, OPG)
NEEDS_GROUPS = (CLUSTER, CR2, CR3)
NONE_TAKES = {
    "groups": "takes no groups; cov_type='cluster' does",
    "correction": "has its own factor; 'robust' and 'cluster' take a correction",
    "time": "has no order of rows; 'HAC' takes time=",
    "lags": "has no lags; 'HAC' does",
    "unit": "does not depend on what a unit is",
    "refit": "fits nothing again; 'jackknife' may",
}


@dataclass(frozen=True, eq=False)
class CovarianceOptions:
    """A kind of covariance with its options.

    Attributes
    ----------
    kind : a key of ``TAKES``
    groups : clusters, as :func:`mnlstat.design.groups.groups_of` takes them
    correction : "stata", "statsmodels", "sandwich" or "none"
    time : what rows are ordered by
    lags : of autocovariances; None for the rule
    use_t : whether tests are t and F; None for what the kind asks for
    df : their degrees of freedom; None for those of the kind
    unit : "row" or "trial"
    refit : whether a jackknife fits again without each unit, in place of one step
    survey : the design of a survey
    """

    kind: str
    groups: Any = None
    correction: str = STATA
    time: Any = None
    lags: int | None = None
    use_t: bool | None = None
    df: float | None = None
    unit: str = ROW
    refit: bool = False
    survey: SurveyDesign | None = None

    @classmethod
    def checked(
        cls,
        kind: object,
        groups: Any = None,
        correction: object = None,
        time: Any = None,
        lags: object = None,
        use_t: object = None,
        df: object = None,
        unit: object = None,
        refit: object = None,
        option: str = "kind",
    ) -> CovarianceOptions:
        """The options; OptionError for the first that the kind does not take, or lacks."""
        name = check_choice(option, kind, (*TAKES, *ALIASES))
        name = ALIASES.get(name, name)
        given = {
            "groups": groups, "correction": correction, "time": time, "lags": lags, "unit": unit,
            "refit": refit,
        }  # fmt: skip
        for each, value in given.items():
            if value is not None and each not in TAKES[name]:
                raise OptionError(
                    "covariance-option",
                    f"{each}={shown(value)}: the covariance {name!r} {NONE_TAKES[each]}.",
                )
        if name in NEEDS_GROUPS and groups is None:
            raise OptionError(
                "covariance-option",
                f"the covariance {name!r} needs groups=: the name of a column of the data, or a"
                " label for each row.",
            )
        return cls(
            name,
            groups,
            STATA if correction is None else check_choice("correction", correction, CORRECTIONS),
            time,
            None if lags is None else check_count("lags", lags),
            *_reference(use_t, df),
            ROW if unit is None else check_choice("unit", unit, UNITS),
            False if refit is None else check_flag("refit", refit),
        )

    @property
    def of_penalised(self) -> bool:
        """Whether bias-reduced estimates have it: it asks for no scores that sum to zero."""
        return self.kind == OBSERVED or self.refit

    @property
    def replicated(self) -> bool:
        """Whether it comes from refits, so that it is one of the maximum only."""
        return self.refit or (self.survey is not None and self.survey.replicates is not None)

    def sampled_by(self, given: Mapping[str, Any]) -> CovarianceOptions:
        """The same with the design of a survey; OptionError where the kind has none."""
        named = next((name for name, value in given.items() if value is not None), None)
        if self.kind == SURVEY:
            return replace(self, survey=SurveyDesign.checked(**given))
        if named is None:
            return self
        raise OptionError(
            "covariance-option",
            f"{named}={shown(given[named])} is of the design of a survey, which the covariance"
            f" {self.kind!r} has not; 'survey' has.",
        )

    @classmethod
    def of_fit(
        cls, cov_type: object, penalty: object, design: Mapping[str, Any], **given: Any
    ) -> CovarianceOptions | None:
        """Those of ``fit(cov_type=...)``; None for the covariance that a fit has by itself."""
        if cov_type == BOOTSTRAP:
            raise OptionError(
                "bootstrap-first",
                "cov_type='bootstrap': replicates are drawn from a fit, seeded and reported; fit"
                " first, and give them:\n"
                "boot = res.bootstrap(1000, seed=1); res.with_cov(boot).",
            )
        if cov_type is not None:
            found = cls.checked(cov_type, **given, option="cov_type").sampled_by(design)
            if penalty is None or (found.of_penalised and penalty == JEFFREYS):
                return found
            raise OptionError(
                "covariance-penalised",
                f"cov_type={cov_type!r}: penalised estimates keep the covariance of their fit, as"
                " the scores of the rows do not sum to zero at them.\nLeave out one of the two.",
            )
        for name, value in {**given, **design}.items():
            if value is not None:
                also = " Fits have one method of maximisation." if name == "method" else ""
                raise OptionError(
                    "covariance-option",
                    f"{name}={shown(value)} is an option of a covariance; give cov_type=, too."
                    f"{also}",
                )
        return None


def _reference(use_t: object, df: object) -> tuple[bool | None, float | None]:
    """Whether to use t, and its degrees of freedom."""
    used = None if use_t is None else check_flag("use_t", use_t)
    if df is None:
        return used, None
    if used is False:
        raise OptionError(
            "covariance-option", f"df={shown(df)} are of t and F, which use_t=False turns off."
        )
    degrees = check_positive("df", df)
    if degrees < FEWEST:
        raise OptionError(
            "covariance-option", f"df={shown(df)} is too small: t has no intervals below {FEWEST}."
        )
    return True, degrees

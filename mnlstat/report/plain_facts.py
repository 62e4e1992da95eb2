"""Plain sentences on a fit as a whole: who is compared, which rows, how, what is not supported."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mnlstat.report.contents import (
    FEW_EVENTS,
    LARGE_CONDITION,
    SHARES,
    is_pseudo,
    is_ridge,
    no_slopes,
)
from mnlstat.report.explained import (
    COMPARED,
    HOW,
    LEFT_OUT,
    UNCERTAIN,
    UNSUPPORTED,
    Sentence,
    said,
)
from mnlstat.report.fitted import Fitted


def compared(fitted: Fitted) -> Iterator[Sentence]:
    """Which outcomes and which levels are compared with which."""
    counted = dict(
        zip(fitted.outcome_counts.index.tolist(), fitted.outcome_counts.tolist(), strict=True)
    )
    n = counted.pop(fitted.base)
    each = "is" if len(counted) == 1 else "are each"
    if fitted.response_kind == SHARES:
        yield said(
            COMPARED,
            f"Shares of {{others:list}} {each} compared with those of {{base}}.",
            others=tuple(counted),
            base=fitted.base,
        )
    else:
        yield said(
            COMPARED,
            f"{{others:counts}} {each} compared with {{base}} ({{n:n}}).",
            others=counted,
            base=fitted.base,
            n=n,
        )
    if fitted.response is not None:
        yield said(COMPARED, "The response holds {response:text}.", response=fitted.response)
    for factor in fitted.factors:
        if factor.reference is not None:
            yield said(
                COMPARED,
                "Levels of {factor} are compared with {reference}.",
                factor=factor.name,
                reference=factor.reference,
            )


def left_out(fitted: Fitted) -> Iterator[Sentence]:
    """Rows and columns that the fit does without."""
    lost = fitted.dropped
    if not lost.total:
        yield said(LEFT_OUT, "All {rows:n} rows of the data were used.", rows=lost.rows)
    else:
        yield said(
            LEFT_OUT,
            "{used:n} of {rows:n} rows were used; {dropped:n} dropped: {why:counts}.",
            used=lost.used,
            rows=lost.rows,
            dropped=lost.total,
            why=_reasons(fitted),
        )
    for column, sentence in fitted.aliased.items():
        yield said(
            LEFT_OUT,
            "{column} {equals:text} in every row used, so that its coefficients cannot be told from"
            " those of the others; it was left out.",
            column=column,
            equals=sentence,
        )
    for note in fitted.notes:
        yield said(LEFT_OUT, "{note:text}", note=note)


def _reasons(fitted: Fitted) -> dict[str, int]:
    """Why rows were dropped, with how many; a row may miss several values."""
    lost = fitted.dropped
    subset = "the subset" if lost.subset is None else f"the subset {lost.subset}"
    found = {f"not in {subset}": lost.not_in_subset, f"{subset} missing": lost.of_unknown_subset}
    found |= {f"missing values in {name}": n for name, n in lost.by_column.items()}
    found |= {f"made missing by {name}": n for name, n in lost.by_term.items()}
    found |= {"weight zero": lost.of_no_weight, "counts all zero": lost.untried}
    return {why: n for why, n in found.items() if n}


def estimated(fitted: Fitted) -> Iterator[Sentence]:
    """Weights, offset, penalty, constraints, covariance."""
    if fitted.weights is not None:
        yield said(HOW, "Rows are weighted ({weights:text}).", weights=fitted.weights)
    if fitted.offset is not None:
        yield said(
            HOW,
            "An offset is added to the linear predictors and has no coefficient: {offset:text}.",
            offset=fitted.offset,
        )
    if fitted.constraints:
        yield said(
            HOW,
            "Coefficients against {base} are bound by constraints, which were set and not found in"
            " the data: {constraints:list}.",
            base=fitted.constraints_base,
            constraints=fitted.constraints,
        )
    if is_ridge(fitted):
        yield said(
            HOW,
            "Estimates are shrunk ({penalty:text}), to {df:g} effective degrees of freedom.",
            penalty=str(fitted.penalty),
            df=fitted.effective_df,
        )
        return
    if fitted.penalty is not None:
        yield said(
            HOW,
            "Estimates are bias-reduced (penalty {penalty:text}).",
            penalty=str(fitted.penalty),
        )
    yield said(
        HOW,
        "Standard errors come from this covariance: {covariance:text}.",
        covariance=fitted.cov_type,
    )
    for note in fitted.cov_notes:
        yield said(UNCERTAIN, "{note:text}", note=note)


def overall(fitted: Fitted) -> Iterator[Sentence]:
    """All predictors together."""
    if no_slopes(fitted):
        yield said(UNCERTAIN, "The formula has no predictor; there is nothing to test.")
        return
    if is_ridge(fitted):
        return
    if (
        fitted.constant
        and not fitted.robust
        and fitted.penalty is None
        and not math.isnan(fitted.llr)
    ):
        yield said(
            UNCERTAIN,
            "All predictors together, against constants alone: likelihood ratio"
            " chi2({df:n}) = {statistic:s}, {p_value:p}.",
            df=fitted.df_model,
            statistic=fitted.llr,
            p_value=fitted.llr_pvalue,
        )
        return
    test = fitted.wald_test_slopes()
    if math.isnan(test.statistic):
        yield said(UNSUPPORTED, "There is no test of all predictors together.")
        return
    which = "chi2({df:n})" if test.df_denom is None else "F({df:n}, {df_denom:n})"
    yield said(
        UNCERTAIN,
        f"All predictors together: Wald {which} = {{statistic:s}}, {{p_value:p}}.",
        df=test.df,
        df_denom=test.df_denom,
        statistic=test.statistic,
        p_value=test.pvalue,
    )


def unsupported(fitted: Fitted) -> Iterator[Sentence]:
    """What nobody should read into the numbers."""
    yield from _untested(fitted)
    yield from _thin(fitted)
    if len(fitted.outcomes) > 2:
        yield said(
            UNSUPPORTED,
            "Ratios are of odds against {base}, not of probabilities: where the odds of an outcome"
            " rise, its probability may fall, if another outcome gains more.",
            base=fitted.base,
        )
        yield said(
            UNSUPPORTED,
            "That the odds between two of the {J:n} outcomes do not depend on the others is assumed"
            " by the model, not found in the data.",
            J=len(fitted.outcomes),
        )
    yield said(
        UNSUPPORTED,
        "The sentences describe how {n:n} observations differ; they do not say what would happen if"
        " somebody changed a predictor.",
        n=fitted.nobs,
    )


def _untested(fitted: Fitted) -> Iterator[Sentence]:
    """Tests that there are not, and those that mean something else."""
    if is_ridge(fitted):
        yield said(
            UNSUPPORTED,
            "There is no standard error, interval or test: none has its usual meaning for shrunken"
            " estimates ({penalty:text}).",
            penalty=str(fitted.penalty),
        )
    elif fitted.robust:
        why = "the likelihood is a pseudo-likelihood" if is_pseudo(fitted) else fitted.cov_type
        yield said(UNSUPPORTED, "There is no likelihood-ratio test ({why:text}).", why=why)
    if fitted.turned_back:
        yield said(
            UNSUPPORTED,
            "Wald tests and intervals of {coefficients:list} say less than there is (Hauck-Donner):"
            " test them by likelihood ratio.",
            coefficients=tuple(f"{outcome}:{term}" for outcome, term in fitted.turned_back),
        )
    if fitted.spanning_term is not None:
        yield said(
            UNSUPPORTED,
            "{term} has a column for each level: its test is whether each outcome is as likely as"
            " {base} at every level, not whether the levels differ.",
            term=fitted.spanning_term,
            base=fitted.base,
        )


def _thin(fitted: Fitted) -> Iterator[Sentence]:
    """Few events, and columns that are hard to tell apart."""
    equations = max(len(fitted.outcomes) - 1, 1)
    each = fitted.n_parameters / equations
    counted = zip(fitted.outcome_counts.index.tolist(), fitted.outcome_counts.tolist(), strict=True)
    few = {outcome: n for outcome, n in counted if n < FEW_EVENTS * each}
    if few and fitted.penalty is None and fitted.response_kind != SHARES:
        yield said(
            UNSUPPORTED,
            "{few:counts} came fewer than {least:n} times for each of the {each:n} coefficients of"
            " an equation: estimates may be too far from zero, and intervals too short.",
            few=few,
            least=FEW_EVENTS,
            each=each,
        )
    if fitted.condition_number > LARGE_CONDITION:
        yield said(
            UNSUPPORTED,
            "Columns are nearly collinear (condition number {condition:g}): about {digits:n} digits"
            " of the coefficients are lost.",
            condition=fitted.condition_number,
            digits=round(math.log10(fitted.condition_number)),
        )

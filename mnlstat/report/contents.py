"""What the summary says besides its tables: header, fit statistics, notes. No layout here."""

from __future__ import annotations

import math

from mnlstat.options import shown
from mnlstat.report import numbers
from mnlstat.report.fitted import Fitted, TestLike
from mnlstat.report.layout import label

FEW_EVENTS = 10
LARGE_CONDITION = 1e8
PENALTIES = {"jeffreys": "bias-reduced (Jeffreys prior)"}
SHARES = "shares"
LIMITS = {"+inf": "+Inf", "-inf": "-Inf", "undetermined": "undet."}
TURNED_BACK = "^"
MOST_NAMED = 10
WALD = "wald"
# Intervals by other methods, in words.
INTERVALS = {"profile": "profile likelihood", "score": "score"}
INTERCEPTS = ("Intercept", "const")

Pairs = tuple[tuple[str, str], ...]


def title(fitted: Fitted) -> str:
    """The first line."""
    return f"Multinomial logistic regression: {fitted.formula}"


def alert(fitted: Fitted) -> str:
    """What must be read before any number; empty when the status is ok."""
    return "" if fitted.status.ok else f"WARNING: {fitted.status.value}"


def header(fitted: Fitted, method: str = WALD) -> Pairs:
    """Base, rows, reference levels, fit, covariance: each a label and a sentence."""
    items = [
        ("Base outcome", f"{label(fitted.base)} ({_count(fitted, fitted.base)})"),
        ("Rows", _rows(fitted)),
    ]
    if fitted.response is not None:
        items.append(("Response", fitted.response))
    references = "; ".join(
        f"{factor.name}: {label(factor.reference)}"
        for factor in fitted.factors
        if factor.reference is not None
    )
    if references:
        items.append(("Reference levels", references))
    turns = "iteration" if fitted.iterations == 1 else "iterations"
    if fitted.penalty is not None:
        items.append(("Estimation", PENALTIES.get(fitted.penalty, str(fitted.penalty))))
    if fitted.constraints:
        against = f"; base {label(fitted.constraints_base)}"
        items.append(("Constraints", ", ".join(fitted.constraints) + against))
    if fitted.offset is not None:
        items.append(("Offset", fitted.offset))
    if fitted.weights is not None:
        items.append(("Weights", fitted.weights))
    items.append(("Method", f"{fitted.method}, {fitted.iterations} {turns}"))
    items.append(("Status", str(fitted.status.value)))
    items.append(("Covariance", fitted.cov_type))
    if method != WALD:
        penalised = "" if fitted.penalty is None else ", penalised"
        items.append(("Intervals", f"{INTERVALS[method]}{penalised}"))
    return tuple(items)


def _count(fitted: Fitted, outcome: object) -> str:
    """How often an outcome was chosen, or its share."""
    counted = fitted.outcome_counts
    count = dict(zip(counted.index.tolist(), counted.tolist(), strict=True))[outcome]
    if fitted.response_kind == SHARES:
        return f"share {numbers.plain(count / counted.sum())}"
    return f"n = {numbers.count(count)}"


def _rows(fitted: Fitted) -> str:
    dropped = fitted.dropped
    subset = "" if dropped.subset is None else f" {shown(dropped.subset)}"
    if not dropped.total:
        inside = f", all in the subset{subset}" if subset else ""
        return f"{dropped.used} used, none dropped{inside}"
    columns = [f"{name} ({count})" for name, count in dropped.by_column.items() if count]
    terms = [f"{name} ({count})" for name, count in dropped.by_term.items() if count]
    reasons = []
    if dropped.not_in_subset:
        reasons.append(f"not in the subset{subset} ({dropped.not_in_subset})")
    if dropped.of_unknown_subset:
        reasons.append(
            f"subset{'' if dropped.not_in_subset else subset} missing ({dropped.of_unknown_subset})"
        )
    if columns:
        reasons.append(f"missing values in {', '.join(columns)}")
    if terms:
        reasons.append(f"made missing by {', '.join(terms)}")
    if dropped.of_no_weight:
        reasons.append(f"weight zero ({dropped.of_no_weight})")
    if dropped.untried:
        reasons.append(f"counts all zero ({dropped.untried})")
    why = f": {'; '.join(reasons)}" if reasons else ""
    return f"{dropped.used} used of {dropped.rows}, {dropped.total} dropped{why}"


def statistics(fitted: Fitted) -> Pairs:
    """The numbers of the fit as a whole, each a label and a short text."""
    return (
        (_likelihood_name(fitted), numbers.plain(fitted.llf)),
        (f"{_likelihood_name(fitted)}, null", numbers.plain(fitted.llnull)),
        *_overall_test(fitted),
        ("McFadden R2", numbers.plain(0.0 if no_slopes(fitted) else fitted.prsquared)),
        *_criteria(fitted),
        ("Estimated parameters", str(fitted.n_parameters)),
    )


def is_pseudo(fitted: Fitted) -> bool:
    """Whether a pseudo-likelihood was maximised: no test or criterion is made of it."""
    return fitted.pseudo


def _likelihood_name(fitted: Fitted) -> str:
    return "Log pseudo-likelihood" if is_pseudo(fitted) else "Log-likelihood"


def _criteria(fitted: Fitted) -> Pairs:
    if is_pseudo(fitted):
        return ()
    return (("AIC", numbers.plain(fitted.aic)), ("BIC", numbers.plain(fitted.bic)))


def is_ridge(fitted: Fitted) -> bool:
    """Whether the estimates are shrunk, so that there is no test of them."""
    return fitted.penalty is not None and not isinstance(fitted.penalty, str)


def no_slopes(fitted: Fitted) -> bool:
    """Whether there is nothing but constants."""
    return fitted.constant and not fitted.df_model


def _overall_test(fitted: Fitted) -> Pairs:
    """The LR test against constants; the Wald test of all slopes where these are not nested."""
    if no_slopes(fitted):
        return (("LR test", "no slopes to test"),)
    if is_ridge(fitted):
        return (("Effective df", numbers.plain(fitted.effective_df)),)
    unnested = bool(fitted.constraints) and math.isnan(fitted.llr)
    if fitted.constant and not fitted.robust and fitted.penalty is None and not unnested:
        return (
            (f"LR chi2({fitted.df_model})", numbers.statistic(fitted.llr, 4)),
            ("P > chi2", numbers.p_value(fitted.llr_pvalue)),
        )
    test = fitted.wald_test_slopes()
    which, df = ("chi2", numbers.count(test.df)) if test.df_denom is None else ("F", _df(test))
    return (
        (f"Wald {which}({df})", numbers.statistic(test.statistic, 4)),
        (f"P > {which}", numbers.p_value(test.pvalue)),
    )


def _df(test: TestLike) -> str:
    """Both degrees of freedom of F."""
    assert test.df_denom is not None
    return f"{numbers.count(test.df)}, {numbers.count(test.df_denom)}"


def block_heading(fitted: Fitted, outcome: object) -> str:
    """``general vs academic (n = 45)``."""
    return f"{label(outcome)} vs {label(fitted.base)} ({_count(fitted, outcome)})"


def origin(fitted: Fitted) -> str:
    """Which base, covariance and n a table belongs to."""
    return f"base {label(fitted.base)}, n = {numbers.count(fitted.nobs)}, {fitted.cov_type}"


def notes(fitted: Fitted, *, rrr: bool, method: str = WALD) -> tuple[str, ...]:
    """Everything a reader should know about the numbers, most urgent first."""
    found = (
        _not_a_number(fitted),
        _pseudo(fitted),
        _penalised(fitted),
        _constrained(fitted),
        *(_aliased(fitted)),
        _no_constant(fitted),
        _spanning(fitted),
        _condition(fitted),
        _turned_back(fitted),
        _few_events(fitted),
        _robust(fitted),
        _by_t(fitted),
        _intervals(method),
        *fitted.cov_notes,
        *fitted.notes,
        _ratios(fitted) if rrr else "",
    )
    return tuple(note for note in found if note)


def limits(fitted: Fitted) -> tuple[str, ...]:
    """For each coefficient its limit where that is not finite, else nothing."""
    if fitted.separated is None:
        return ("",) * len(fitted.params)
    return tuple(LIMITS.get(word, "") for word in fitted.separated.table["limit"])


def _not_a_number(fitted: Fitted) -> str:
    if fitted.status.ok:
        return ""
    if fitted.separated is not None:
        return " ".join(
            (
                *fitted.separated.sentences,
                "Infinite coefficients (undet.: the sign depends on the direction taken) have no"
                " standard errors, and Wald tests that concern them are nan; the others are those"
                " of the limit. The log-likelihood is its supremum"
                f"{_what_holds(fitted)}.",
            )
        )
    return (
        "Standard errors, Wald tests and intervals are nan: see the warning in the first lines."
        " The log-likelihood and what follows from it belong to the last iteration, not to a"
        " maximum."
    )


def _what_holds(fitted: Fitted) -> str:
    if is_pseudo(fitted):
        return ""
    return ", so that likelihood-ratio tests, AIC and BIC can be made of it"


def _penalised(fitted: Fitted) -> str:
    if fitted.penalty is None:
        return ""
    if is_ridge(fitted):
        return (
            "The estimates are shrunk by a penalty, which the log-likelihood printed leaves out."
            " No standard error or test is given, as none has its usual meaning for them;"
            " AIC and BIC count the effective degrees of freedom."
        )
    return (
        "The estimates maximise the log-likelihood plus half the log determinant of the"
        " information, not the log-likelihood printed, which is that at the estimates:"
        " likelihood-ratio tests, test(kind='lr') and anova(), are of what was maximised."
    )


def _constrained(fitted: Fitted) -> str:
    if not fitted.constraints:
        return ""
    return (
        "Constraints bind coefficients: what they fix has standard error 0 and no test; tests count"
        " the restrictions that they leave open, and parameters are those that stay free."
    )


def _pseudo(fitted: Fitted) -> str:
    if not is_pseudo(fitted):
        return ""
    why = "Sampling weights"
    if fitted.response_kind == SHARES:
        why = (
            "Shares, not counts: estimates maximise the multinomial quasi-likelihood (Papke &"
            " Wooldridge 1996; Mullahy 2015)"
        )
    return (
        f"{why}: the likelihood is a pseudo-likelihood, so there is no likelihood-ratio"
        " test, AIC or BIC; the overall test is the Wald test of all slopes with the robust"
        " covariance."
    )


def _robust(fitted: Fitted) -> str:
    if not fitted.robust or is_pseudo(fitted) or not fitted.status.ok:
        return ""
    return (
        "The covariance does not rely on the likelihood, so there is no likelihood-ratio test; the"
        " overall test is the Wald test of all slopes."
    )


def _by_t(fitted: Fitted) -> str:
    if fitted.df_t is None:
        return ""
    df = fitted.df_t.dropna()
    if df.empty:
        return ""
    low, high = float(df.min()), float(df.max())
    said = f"{low:.5g}" if low == high else f"{low:.3g} to {high:.3g}"
    return f"t has {said} degrees of freedom."


def _intervals(method: str) -> str:
    if method == WALD:
        return ""
    tests = {"profile": "likelihood-ratio", "score": "score"}[method]
    return (
        f"Intervals hold what {tests} tests do not reject (method={method!r}); z and P>|z| are of"
        " Wald tests, and the two may disagree."
    )


def _aliased(fitted: Fitted) -> tuple[str, ...]:
    return tuple(
        f"{column} is aliased ({sentence}): its coefficients are nan, the rest is fitted"
        " without it."
        for column, sentence in fitted.aliased.items()
    )


def _no_constant(fitted: Fitted) -> str:
    if fitted.constant:
        return ""
    return (
        "The design contains no constant, so the constants-only model is not nested in it: the LR"
        " test is nan; the Wald test of all slopes is given instead."
    )


def _spanning(fitted: Fitted) -> str:
    if fitted.spanning_term is None:
        return ""
    return (
        f"{fitted.spanning_term} has a column for each level and no constant beside it: its test"
        " is whether every outcome is as likely as the base at each level, not whether the levels"
        " differ."
    )


def _condition(fitted: Fitted) -> str:
    if not fitted.condition_number > LARGE_CONDITION:
        return ""
    return (
        f"Nearly collinear design: condition number {fitted.condition_number:.1e} after scaling;"
        f" about {math.log10(fitted.condition_number):.0f} digits of the coefficients are lost."
    )


def _turned_back(fitted: Fitted) -> str:
    if not fitted.turned_back:
        return ""
    shown = [f"{label(outcome)}:{label(term)}" for outcome, term in fitted.turned_back]
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    instead = "likelihood ratio" if fitted.penalty is None else "the penalised likelihood"
    return (
        f"{TURNED_BACK} The Wald test has turned back (Hauck-Donner): z falls as the coefficient"
        f" grows, and says less than there is. Test by {instead}:"
        f" {', '.join(shown[:MOST_NAMED])}{more}."
    )


def _few_events(fitted: Fitted) -> str:
    if fitted.penalty is not None or fitted.response_kind == SHARES:
        return ""  # the bias that this warns of is what the penalty takes out
    each = fitted.n_parameters / max(len(fitted.outcomes) - 1, 1)
    few = [
        f"{label(outcome)} ({numbers.count(count)})"
        for outcome, count in fitted.outcome_counts.items()
        if count < FEW_EVENTS * each
    ]
    if not few:
        return ""
    return (
        f"Fewer than {FEW_EVENTS} events for each of the {numbers.count(each)} coefficients of an"
        f" equation: {', '.join(few)}. Estimates may be biased away from zero and intervals"
        " too short."
    )


def _ratios(fitted: Fitted) -> str:
    terms = set(fitted.params.index.get_level_values("term"))
    intercept = next((name for name in INTERCEPTS if name in terms), None)
    z = "z" if fitted.df_t is None else "t"
    text = (
        f"RRR = exp(coef), its standard error is exp(coef) times that of coef; {z} and P>|{z}| test"
        " coef = 0, that is RRR = 1."
    )
    if intercept is None:
        return text
    return f"{text} {intercept}: baseline relative risk, where all other columns are zero."

"""Selection of terms, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mnlstat.errors import OptionError
from mnlstat.options import check_choice, check_count, named_options, shown
from mnlstat.results import MNLogitResults
from mnlstat.workflow.moves import Factors, Move, addable, droppable, moved, scope_terms, terms_of
from mnlstat.workflow.same_rows import check_results
from mnlstat.workflow.selection import CRITERIA, NONE, Comparing
from mnlstat.workflow.with_rows import check_columns

DIRECTIONS = ("both", "backward", "forward")
BOTH, BACKWARD, FORWARD = DIRECTIONS
# A criterion that is less by no more than this, relative to its size, is not.
LESS = 1e-10


@dataclass(frozen=True, eq=False)
class Selection:
    """The end of a selection.

    Attributes
    ----------
    result : MNLogitResults
        The model that was chosen; its ``notes``, and its summary, say how.
    trace : DataFrame
        A row for each step: step, move ("" for the start), n_parameters, log_likelihood, the
        criterion, tried (models that were fitted at this step).
    criterion, direction : as they were asked for
    complete : whether no single move lowers the criterion
    """

    result: MNLogitResults
    trace: pd.DataFrame
    criterion: str
    direction: str
    complete: bool

    @property
    def formula(self) -> str:
        """Of the chosen model."""
        return self.result.formula

    def __str__(self) -> str:
        ended = "" if self.complete else "\nIt ended at the number of steps allowed."
        return (
            f"Stepwise selection ({self.direction}) by {self.criterion.upper()}\n"
            f"{self.trace.round(4).to_string(index=False)}\n"
            f"Chosen: {self.formula}{ended}\n{_note(self.criterion)}"
        )


def _note(criterion: str) -> str:
    return (
        f"Terms were chosen by {criterion.upper()} in the same data: p-values and intervals of the"
        " chosen model are conditional on that, and too small and too short."
    )


@named_options
def step(
    res: MNLogitResults,
    scope: Any = None,
    *,
    direction: str = "both",
    criterion: str = "aic",
    maxsteps: int = 1000,
) -> Selection:
    """Drop and add terms, one at a time, as long as a criterion falls.

    Each step takes the move, of all that keep marginality, with the lowest criterion; of equal ones
    the first, drops before additions.  Terms that add no column of their own leave first.  All
    models are fitted to the rows of the first.

    Parameters
    ----------
    res : MNLogitResults
        Where to start.
    scope : str, or pair of str, optional
        The largest model, ``"~ . + x + x:z"``; or the smallest and the largest.  By default the
        model itself, and the constant.
    direction : {"both", "backward", "forward"}
    criterion : {"aic", "bic"}
    maxsteps : int

    Returns
    -------
    Selection
        ``result``, whose notes say that it was selected; ``trace``.

    Raises
    ------
    OptionError
        For a pseudo-likelihood, a penalised fit, constraints; for a scope that the model is not in,
        or ``direction="forward"`` without one.
    DataError
        When a term of the scope misses values in rows that the fit used.
    ConvergenceError
        When a fit did not reach its maximum.

    References
    ----------
    Harrell, F. E. (2015). Regression Modeling Strategies, 2nd ed., section 4.3.

    Examples
    --------
    >>> import mnlstat as mn
    >>> res = mn.mnlogit("vote ~ selfLR + age + educ", mn.datasets.anes96()).fit()
    >>> mn.step(res).formula
    'vote ~ selfLR + educ'
    """
    check_results("step", [res], 1)
    check_choice("direction", direction, DIRECTIONS)
    comparing = Comparing.checked("step", NONE, check_choice("criterion", criterion, CRITERIA))
    limit = check_count("maxsteps", maxsteps)
    comparing.check(res)
    check_columns("step", res)
    lower, upper = _scope(scope, direction, res)
    current, rows, complete = res, [_row(comparing, res, 0, "", 0)], False
    for at in range(1, limit + 1):
        best, tried = _best(comparing, current, _moves(current, direction, lower, upper))
        if best is None:
            complete = True
            break
        current, move = best
        rows.append(_row(comparing, current, at, str(move), tried))
    notes = (*(note for note in current.notes if note != _note(criterion)), _note(criterion))
    chosen = replace(current, notes=notes)
    return Selection(chosen, pd.DataFrame(rows), criterion, direction, complete)


def _scope(
    scope: Any, direction: str, res: MNLogitResults
) -> tuple[dict[str, Factors], dict[str, Factors]]:
    """Terms of the smallest and the largest model."""
    if scope is None:
        if direction == FORWARD:
            raise OptionError(
                "selection-scope", "step(): direction='forward' needs scope=, the largest model."
            )
        return {}, terms_of(res)
    pair = scope if isinstance(scope, list | tuple) else (None, scope)
    if len(pair) != 2:
        raise OptionError(
            "selection-scope",
            f"step(): scope={shown(scope)} must be the largest model, or the smallest and the"
            " largest.",
        )
    lower = {} if pair[0] is None else scope_terms("step", pair[0], res)
    upper = scope_terms("step", pair[1], res)
    own, most = set(terms_of(res).values()), set(upper.values())
    if not set(lower.values()) <= own or not own <= most:
        raise OptionError(
            "selection-scope",
            f"step(): {res.formula!r} does not lie between the smallest and the largest model"
            f" of scope={shown(scope)}.\nWrite '.' for its terms: '~ . + x'.",
        )
    return lower, upper


def _moves(
    res: MNLogitResults, direction: str, lower: dict[str, Factors], upper: dict[str, Factors]
) -> list[Move]:
    down = [] if direction == FORWARD else droppable(res, lower.values())
    up = [] if direction == BACKWARD else addable(res, upper)
    return [*(Move("-", name) for name in down), *(Move("+", name) for name in up)]


def _best(
    comparing: Comparing, res: MNLogitResults, moves: Iterable[Move]
) -> tuple[tuple[MNLogitResults, Move] | None, int]:
    """The move of lowest criterion, None where none lowers it; how many were tried."""
    least, best, tried = comparing.value(res), None, 0
    for move in moves:
        found = moved("step", res, move)
        comparing.check(found)
        tried += 1
        value = comparing.value(found)
        if move.sign == "-" and found.n_parameters == res.n_parameters:
            return (found, move), tried  # its columns are combinations of others
        if value < least - LESS * (1.0 + abs(least)):
            least, best = value, (found, move)
    return best, tried


def _row(
    comparing: Comparing, res: MNLogitResults, at: int, move: str, tried: int
) -> dict[str, Any]:
    return {
        "step": at,
        "move": move,
        "n_parameters": res.n_parameters,
        "log_likelihood": res.llf,
        str(comparing.criterion): comparing.value(res),
        "tried": tried,
    }

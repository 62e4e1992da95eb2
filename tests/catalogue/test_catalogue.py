"""Every bad input of the catalogue gets its error or warning, which names the culprit."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from mnlstat.errors import Coded
from tests.catalogue import effects, formulas, new_data, options, predictors, responses
from tests.catalogue.cases import Case

MAX_LINES = 3
PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
ALL: dict[str, Case] = {
    f"{part.__name__.rpartition('.')[2]}: {name}": case
    for part in (responses, predictors, formulas, options, new_data, effects)
    for name, case in part.CASES.items()
}


def answer(case: Case) -> Exception:
    """The error that a case raises, or the first warning of its class."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            case.call()
        except Exception as error:
            return error
    given = [w.message for w in caught if isinstance(w.message, Exception)]
    right = [warning for warning in given if type(warning) is case.answer]
    return next(iter(right or given), AssertionError("there was no answer"))


def test_the_catalogue_is_long() -> None:
    assert len(ALL) >= 100


@pytest.mark.parametrize("name", ALL)
def test_a_bad_input_gets_its_answer(name: str) -> None:
    case = ALL[name]
    given = answer(case)
    assert isinstance(given, case.answer), f"{type(given).__name__}: {given}"
    for word in case.names:
        assert word in str(given), f"{word!r} is not named in: {given}"
    assert 1 <= len(str(given).splitlines()) <= MAX_LINES, str(given)
    assert isinstance(given, Coded)
    assert re.search(rf"^\({given.code}\)=$", PAGE.read_text(), re.MULTILINE), given.code

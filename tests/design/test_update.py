"""``.`` stands for the old side."""

from __future__ import annotations

import pytest

from mnlstat.design.update import expand_update
from mnlstat.errors import FormulaError

OLD = "prog ~ C(ses) + write"


@pytest.mark.parametrize(
    ("new", "wanted"),
    [
        (". ~ .", "prog ~ C(ses) + write"),
        (". ~ . - write", "prog ~ C(ses)"),
        ("~ . - write", "prog ~ C(ses)"),
        (". ~ . - C( ses )", "prog ~ write"),
        (". ~ . - write - C(ses)", "prog ~ 1"),
        (". ~ . + x", "prog ~ C(ses) + write + x"),
        (". ~ . + np.log(x) - write", "prog ~ C(ses) + np.log(x)"),
        (". ~ . * x", "prog ~ C(ses) + write + x + C(ses):x + write:x"),
        (". ~ . - 1", "prog ~ 0 + C(ses) + write"),
        (". ~ a.str.len() + I(.5 * b)", "prog ~ a.str.len() + I(.5 * b)"),
        ("C(prog) ~ .", "C(prog) ~ C(ses) + write"),
        ("pd.cut(., 3) ~ .", "pd.cut(prog, 3) ~ C(ses) + write"),
        ("other ~ a + b", "other ~ a + b"),
    ],
)
def test_dots_are_filled(new: str, wanted: str) -> None:
    assert expand_update(OLD, new) == wanted


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (". ~ . - wrte", "no term 'wrte' to remove"),
        (". ~ . + x - x:z", "no term 'x:z' to remove"),
        ("", "empty"),
        (None, "string"),
        ("x", "no '~'"),
        (". ~", "right side"),
        (". ~ . ~ .", "two '~'"),
        (". ~ . + (", "cannot be read"),
    ],
)
def test_bad_updates_are_refused(new, said) -> None:
    with pytest.raises(FormulaError, match=said):
        expand_update(OLD, new)


def test_the_term_that_is_not_there_is_underlined() -> None:
    with pytest.raises(FormulaError) as caught:
        expand_update(OLD, ". ~ . + x - wrte")
    lines = str(caught.value).split("\n")
    assert lines[1][lines[2].index("^") :] == "wrte"

"""Options: a wrong one is refused under the name of what was called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from mnlstat.errors import OptionError, UnknownOptionError
from tests.behaviour.data import Call, fit, good_frame, refused

RES = fit(good_frame(), "y ~ x")
DATA = good_frame()

CALLS: dict[str, tuple[str, Call]] = {
    "compare": ("bse", lambda: mn.compare("y ~ x", DATA, bse="b")),
    "mnlogit": ("bse", lambda: mn.mnlogit("y ~ x", DATA, bse="b")),
    "from_formula": ("bse", lambda: mn.MNLogit.from_formula("y ~ x", DATA, bse="b")),
    "MNLogit": ("bse", lambda: mn.MNLogit(DATA["y"], DATA[["x"]], bse="b")),
    "conf_int": ("alfa", lambda: RES.conf_int(alfa=0.1)),
    "wald_test": ("valeu", lambda: RES.wald_test("b:x", valeu=1)),
    "test": ("valeu", lambda: RES.test("b:x", valeu=1)),
    "summary": ("rr", lambda: RES.summary(rr=True)),
}


@pytest.mark.parametrize("called", CALLS)
def test_the_message_names_what_was_called(called: str) -> None:
    name, call = CALLS[called]
    with refused(UnknownOptionError, f"'{name}'", "did you mean") as _:
        call()
    with pytest.raises(UnknownOptionError, match=rf"^{called}\(\) has no option"):
        call()


def test_compare_lists_its_own_options() -> None:
    with refused(UnknownOptionError, "Known: formula, data, other, base, missing"):
        mn.compare("y ~ x", DATA, colour="b")


@pytest.mark.parametrize("flag", [np.True_, np.False_])
def test_flags_may_be_of_numpy(flag: Any) -> None:
    assert str(RES.summary(rrr=flag)) == str(RES.summary(rrr=bool(flag)))
    assert RES.tidy(exponentiate=flag).equals(RES.tidy(exponentiate=bool(flag)))
    with refused(OptionError, "alpha"):
        RES.conf_int(alpha=flag)

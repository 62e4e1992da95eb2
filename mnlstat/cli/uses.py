"""Which options are given, and whether what is asked for has them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from mnlstat.errors import OptionError


def flag(name: str) -> str:
    """How an option is written in the shell."""
    return "--data" if name == "new" else f"--{name.replace('_', '-')}"


def given_options(
    args: Namespace,
    asked: str,
    options: Mapping[str, Sequence[str]],
    words: Mapping[str, str],
) -> dict[str, Any]:
    """The options that are given, all of which are those of what is ``asked``.

    Parameters
    ----------
    args : the arguments
    asked : one of ``options``
    options : names of the options of all that can be asked
    words : what each of these is called

    Raises
    ------
    OptionError
        For an option of something else.
    """
    known = dict.fromkeys(name for each in options.values() for name in each)
    given = {name: value for name in known if (value := getattr(args, name)) is not None}
    for name in given:
        if name not in options[asked]:
            others = " or ".join(words[each] for each in options if name in options[each])
            raise OptionError(
                "option-without-use",
                f"{flag(name)} has no use for {words[asked]}. Leave it out, or ask for {others}.",
            )
    return given

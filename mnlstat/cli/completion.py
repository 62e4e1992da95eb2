"""``mnlstat completion``: what a shell needs to complete commands, options and their values."""

from __future__ import annotations

import argparse

SHELLS = ("bash", "zsh")
EPILOG = """\
examples:
  mnlstat completion bash > ~/.local/share/bash-completion/completions/mnlstat
  echo 'source <(mnlstat completion zsh)' >> ~/.zshrc
"""

BEFORE = {
    "bash": "",
    "zsh": "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n",
}
SCRIPT = """\
_mnlstat() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
    local command="${{COMP_WORDS[1]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="{commands}"
    else
        case "$command $before" in
{values}
        *) case "$command" in
{options}
            esac
            case "$word" in -*) ;; *) words="" ;; esac ;;
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -o bashdefault -F _mnlstat mnlstat
"""


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """Functions for ``bash`` or ``zsh`` that know the commands of a parser.

    Where nothing of the kind is wanted, the shell completes names of files.
    """
    commands = _commands(parser)
    values, options = [], []
    for name, command in commands.items():
        known = [action for action in command._actions if action.option_strings]
        spelled = " ".join(word for action in known for word in action.option_strings)
        options.append(f'            {name}) words="{spelled}" ;;')
        for action in command._actions:
            before = "|".join(f'"{name} {word}"' for word in action.option_strings or [name])
            if action.choices is not None:
                chosen = " ".join(map(str, action.choices))
                values.append(f'        {before}) words="{chosen}" ;;')
    return BEFORE[shell] + SCRIPT.format(
        commands=" ".join(commands), values="\n".join(values), options="\n".join(options)
    )


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return dict(next(found).choices)

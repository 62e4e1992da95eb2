"""Every format read back into rows of texts, strictly: what is not understood is an error."""

from __future__ import annotations

import re

from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Sheet, spread
from tests.report import markup

UNESCAPED = {
    r"\textbackslash{}": "\\",
    r"\{": "{",
    r"\}": "}",
    r"\$": "$",
    r"\&": "&",
    r"\#": "#",
    r"\%": "%",
    r"\_": "_",
    r"$\sim$": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\char34{}": '"',
    "{`}": "`",
    "{'}": "'",
    "$-$": "-",
    "$<$": "<",
    "-{}": "-",
    "{}": "",
}
TOKEN = re.compile(
    "|".join(
        [
            *map(re.escape, sorted(UNESCAPED, key=len, reverse=True)),
            r"\$\^\{(\*+)\}\$",
            r"[^\\{}$&#%_~^<>|\"`']",
        ]
    )
)
SPAN = re.compile(r"\\multicolumn\{(\d+)\}\{[lc]\}\{(.*)\}")


def expected(sheet: Sheet) -> list[list[str]]:
    """The rows below the headings: a name and a text for each column; headings of blocks alone."""
    rows: list[list[str]] = []
    for block in sheet.blocks:
        rows += [[clean(block.heading)]] if block.heading else []
        rows += [_texts(line) for line in block.lines]
    return rows + [_texts(line) for line in sheet.feet]


def _texts(line) -> list[str]:
    return [clean(line.name), *(clean(cell.text) for cell in spread(line.cells))]


def latex(text: str, sheet: Sheet) -> list[list[str]]:
    """Rows between the rule below the headings and the last one."""
    assert _balanced(text)
    columns = re.search(r"\\begin\{tabular\}\{l(r+)\}", text)
    assert columns is not None and len(columns[1]) == sheet.width
    for name in ("table", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    body = text.split("\\toprule\n")[1].split("\\bottomrule")[0]
    heads, *blocks = body.split("\\midrule\n")
    for row in heads.splitlines():
        assert row.startswith(r"\cmidrule") or len(_latex_row(row)) == sheet.width + 1
    rows = [_latex_row(row) for block in blocks for row in block.splitlines()]
    assert all(len(row) in (1, sheet.width + 1) for row in rows)
    return rows


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    return depth == 0


def _latex_row(row: str) -> list[str]:
    assert row.endswith(r" \\")
    found: list[str] = []
    for cell in re.split(r"(?<!\\) ?& ?", row.removesuffix(r" \\")):
        span = SPAN.fullmatch(cell)
        if span is None:
            found.append(latex_text(cell.strip(" ")))
        elif span[2].startswith(r"\textit"):
            found.append(latex_text(span[2].removeprefix(r"\textit{").removesuffix("}")))
        else:
            found += [latex_text(span[2]), *[""] * (int(span[1]) - 1)]
    return found


def latex_text(text: str) -> str:
    """What LaTeX sets; AssertionError at a command or a sign that is none of the known ones."""
    at, found = 0, ""
    while at < len(text):
        token = TOKEN.match(text, at)
        assert token is not None, text[at:]
        found += token[1] or UNESCAPED.get(token[0], token[0])
        at = token.end()
    return found


def markdown(text: str, sheet: Sheet) -> list[list[str]]:
    """Rows of the table with pipes."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[1] == "|:--|" + "--:|" * sheet.width
    found = []
    for row in rows[2:]:
        cells = re.split(r"(?<!\\)\|", re.sub(r"\\\\", "\0", row))[1:-1]
        texts = [re.sub(r"\\(.)", r"\1", c).replace("\0", "\\").strip(" ") for c in cells]
        assert len(texts) == sheet.width + 1
        heading = texts[0].startswith("**") and not any(texts[1:])
        found.append([texts[0][2:-2]] if heading else texts)
    return found


def html(text: str, sheet: Sheet) -> list[list[str]]:
    """Rows of all bodies."""
    (table,) = markup.read(text).tables
    rows = [row for body in table.bodies for row in body]
    found = []
    for row in rows:
        if row[0].scope == "rowgroup":
            found.append([row[0].text])
            continue
        spans = re.findall(r'<td colspan="(\d+)" ', text)
        texts = [cell.text for cell in row]
        if len(texts) != sheet.width + 1:  # cells of several columns
            wide = int(spans[0])
            assert len(texts) == 1 + sheet.width // wide
            texts = [texts[0], *(t for each in texts[1:] for t in (each, *[""] * (wide - 1)))]
        found.append(texts)
    return found


STRING = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


def typst(text: str, sheet: Sheet) -> list[list[str]]:
    """Rows after the header."""
    body = text.split("    ),\n    table.hline(stroke: 0.5pt),\n", 1)[1].split(
        "    table.hline(),\n"
    )[0]
    found = []
    for row in body.splitlines():
        if row.strip() == "table.hline(stroke: 0.5pt),":
            continue
        if "emph(" in row:
            found.append([_string(STRING.search(row)[1])])
            continue
        texts: list[str] = []
        spans = re.findall(r"table\.cell\(colspan: (\d+), align: center, ", row)
        for at, string in enumerate(STRING.findall(row)):
            texts.append(_string(string))
            if at and spans:
                texts += [""] * (int(spans[at - 1]) - 1)
        assert len(texts) == sheet.width + 1
        found.append(texts)
    return found


def _string(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("\N{MINUS SIGN}", "-")

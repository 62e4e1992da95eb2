"""Every format shows the same texts, whatever is in them."""

from __future__ import annotations

import shutil
import subprocess

import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.report.layout import clean
from mnlstat.report.publish.model import Line, joined_heads
from mnlstat.report.publish.table import Table
from tests.report import golden_text, markup
from tests.report.publish import reading
from tests.report.publish.fits import FITS, ordinary

FORMATS = {
    "markdown": reading.markdown,
    "html": reading.html,
    "latex": reading.latex,
    "typst": reading.typst,
}
LAYOUTS = {
    "long": {},
    "wide": {"layout": "wide", "show": ("interval", "p_value"), "stars": True, "digits": 2},
    "wide_beside": {"layout": "wide", "place": "beside"},
    "long_below": {"show": ("std_error", "statistic"), "place": "below", "stars": (0.1,)},
}
ODD = (
    *("a & b", "100%", "x_1^2", "cost in $", "<b>&amp;</b>", "a|b||c", "naïve café", "two\nlines"),
    *("C:\\new\\table", "{braces}", "#1 ~ `code`", "**bold** _it_", "[0, 1)", "* star", "!`?`"),
    *("--- -- -", "@ref", "// no comment", "\\textbf{x}", "$x$", "a*b*", "=", "- item", "1. one"),
    "\"q\" 'r' ''",
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", FITS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_shows_the_same_cells(form, kind, layout) -> None:
    for rrr in (False, True):
        table = FITS[kind]().summary(rrr=rrr).table(**LAYOUTS[layout])
        text = getattr(table, f"to_{form}")()
        assert FORMATS[form](text, table) == reading.expected(table)


@pytest.mark.parametrize("kind", FITS)
def test_text_shows_the_same_cells(kind) -> None:
    for options in LAYOUTS.values():
        table = FITS[kind]().summary().table(**options)
        squeezed = "\n".join(" ".join(line.split()) for line in table.to_text().splitlines())
        for row in reading.expected(table):
            assert "\n" + " ".join(" ".join(row).split()) + "\n" in squeezed


@pytest.mark.parametrize("form", ["text", *FORMATS])
@pytest.mark.parametrize("kind", FITS)
def test_golden(kind, form) -> None:
    layout = "long" if kind in ("ordinary", "separated") else "wide"
    text = getattr(FITS[kind]().summary(), f"to_{form}")(layout=layout, digits=3)
    golden_text.check(f"paper_{kind}_{form}", text)


def odd_table() -> Table:
    index = pd.Index(ODD, name="odd | name")
    frame = pd.DataFrame({word: list(reversed(ODD)) for word in ODD[:4]}, index=index)
    table = mn.table(frame, title=" ".join(ODD[:4]))
    return Table(**(vars(table) | {"notes": ODD}))


@pytest.mark.parametrize("form", FORMATS)
def test_odd_labels_stand_as_they_are(form) -> None:
    table = odd_table()
    text = getattr(table, f"to_{form}")()
    assert FORMATS[form](text, table) == reading.expected(table)


def test_odd_notes_and_headings() -> None:
    table = odd_table()
    notes = table.to_latex().split(r"\footnotesize ")[1].removesuffix("}\n\\end{table}")
    said = [word.replace("\n", "\\n") for word in ODD]
    assert [reading.latex_text(note) for note in notes.split("\\\\\n")] == said
    page = markup.read(table.to_html())
    assert [cell.text for cell in page.tables[0].head[0]] == ["odd | name", *ODD[:4]]
    assert page.tables[0].caption == table.title
    assert not {"b", "script"} & page.seen


def test_markdown_is_read_as_it_stands() -> None:
    reader = pytest.importorskip("markdown_it", reason="markdown-it-py reads Markdown")
    text = odd_table().to_markdown()
    html = reader.MarkdownIt("gfm-like", {"linkify": False}).render(text)
    page = markup.read(html.replace('style="', 'class="'))
    (table,) = page.tables
    assert [row[0].text for row in table.bodies[0]] == [w.replace("\n", "\\n") for w in ODD]
    assert page.seen <= {"p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}


def tables() -> list[Table]:
    """Tables of all kinds, for programs that read them."""
    res = ordinary()
    return [
        odd_table(),
        *(FITS[kind]().summary().table(**options) for kind in FITS for options in LAYOUTS.values()),
        mn.table([res, res.rebase("bus")]),
        res.margins().table(layout="wide", stars=True),
    ]


def test_latex_compiles(tmp_path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    parts = "\n\\clearpage\n".join(table.to_latex() for table in tables())
    fonts = r"\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}"
    head = rf"\documentclass{{article}}\usepackage{{booktabs}}{fonts}\begin{{document}}"
    page = rf"{head}{parts}\end{{document}}"
    (tmp_path / "page.tex").write_text(page, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]


def test_typst_compiles(tmp_path) -> None:
    typst = pytest.importorskip("typst", reason="typst compiles Typst")
    page = "\n\n".join(table.to_typst(f"tab:x{at}") for at, table in enumerate(tables()))
    source = tmp_path / "page.typ"
    source.write_text("#set page(width: 60cm)\n" + page + "\n@tab:x1", encoding="utf-8")
    assert typst.compile(str(source), format="pdf").startswith(b"%PDF")


def test_word_document_is_read_back(tmp_path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx writes Word documents")
    for at, table in enumerate(
        [odd_table(), *(ordinary().summary().table(**o) for o in LAYOUTS.values())]
    ):
        path = table.to_docx(tmp_path / f"{at}.docx")
        document = docx.Document(str(path))
        assert [p.text for p in document.paragraphs if p.text] == [
            table.title,
            *(note.replace("\n", "\\n") for note in table.notes),
        ]
        (written,) = document.tables
        rows = [[cell.text for cell in row.cells] for row in written.rows][len(table.heads) :]
        assert rows == word_rows(table)


def word_rows(table: Table) -> list[list[str]]:
    """What python-docx reads: a merged cell is read in each of its columns."""
    rows: list[list[str]] = []
    for block in table.blocks:
        if block.heading:
            rows.append([clean(block.heading)] * (table.width + 1))
        rows += map(word_row, block.lines)
    return [*rows, *map(word_row, table.feet)]


def word_row(line: Line) -> list[str]:
    texts = [clean(line.name)]
    for cell in line.cells:
        text = cell.text.replace("-", "\N{MINUS SIGN}") if cell.number else clean(cell.text)
        texts += [text] * cell.span
    return texts


def test_great_table_holds_the_same() -> None:
    pytest.importorskip("great_tables", reason="great_tables makes these objects")
    res = ordinary()
    for table in (odd_table(), *(res.summary().table(**o) for o in LAYOUTS.values())):
        made = table.to_gt()
        html = made.as_raw_html()
        body = html[html.index("<tbody") : html.index("</tbody>")]
        page = markup.read(f"<table>{body}</tbody></table>")
        rows = [[cell.text for cell in row] for row in page.tables[0].bodies[0]]
        wanted = reading.expected(table)
        assert [row for row in rows if row != ["Fit statistics"]] == wanted
        assert html.count('gt_sourcenote"') == len(table.notes)


def test_heads_of_several_rows() -> None:
    res = ordinary()
    table = mn.table([res, res.update(". ~ . - psize")], place="beside", names=["A", "B"])
    assert [[(cell.text, cell.span) for cell in row][:3] for row in table.heads] == [
        [("air", 4), ("bus", 4), ("train", 4)],
        [("A", 2), ("B", 2), ("A", 2)],
        [("coef", 1), ("std err", 1), ("coef", 1)],
    ]
    assert joined_heads(table)[:2] == ["air: A: coef", "air: A: std err"]
    assert r"\cmidrule(lr){2-5} \cmidrule(lr){6-9} \cmidrule(lr){10-13}" in table.to_latex()


def test_references_are_made() -> None:
    table = ordinary().summary().table()
    assert "\\label{tab:modes}" in table.to_latex("tab:modes")
    assert ") <tab:modes>" in table.to_typst(label="tab:modes")
    assert ordinary().summary().to_latex(label="tab:modes") == table.to_latex("tab:modes")
    for label in ("", "a b", "x}", 3):
        with pytest.raises(mn.errors.OptionError, match="label="):
            table.to_latex(label)

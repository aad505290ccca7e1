"""Tables: as HTML that says what its headings head, as CSV that computes nothing."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Field", "as_csv", "as_html", "as_list"]

# Spreadsheets compute what begins so, in full width, too. Some take ; for a new cell.
_FORMULA = re.compile(r"(^|;)(?=[=+\-@＝＋－＠\t\r\n])")

#: What stands in a cell.
Field = str | int


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Field]]) -> str:
    r"""Return a table as comma-separated values.

    A cell that a spreadsheet would compute gets a quotation mark before it.

    Examples
    --------
    >>> as_csv(["who", "done"], [["王小明", 3], ["=1+1", 0]])
    '"who","done"\r\n"王小明",3\r\n"\'=1+1",0\r\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    for row in (headings, *rows):
        writer.writerow(
            [_inert(cell) if isinstance(cell, str) else cell for cell in row]
        )
    return out.getvalue()


def _inert(text: str) -> str:
    return _FORMULA.sub(r"\1'", text)


def as_html(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Field]]
) -> str:
    """Return a table as HTML: the first cell of each row is its heading.

    Examples
    --------
    >>> as_html("Lesson 05", ["who", "done"], [["<b>", 3]])
    '<div ...><table><caption>Lesson 05</caption><thead><tr><th scope="col">who</th>\
<th scope="col">done</th></tr></thead><tbody><tr><th scope="row">&lt;b&gt;</th>\
<td>3</td></tr></tbody></table></div>'
    """
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f"<td>{_cell(cell)}</td>" for cell in others)
        + "</tr>"
        for first, *others in rows
    )
    # A wide table moves inside its frame, by keyboard, too; so the frame has a name.
    return (
        f'<div role="region" tabindex="0" aria-label="{escape(caption)}" '
        f'style="overflow-x: auto"><table><caption>{escape(caption)}</caption><thead>'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Field) -> str:
    return "<b>right</b>" if cell == "right" else escape(str(cell))


def as_list(title: str, lines: Iterable[str]) -> str:
    """Return a list with a title as HTML.

    Examples
    --------
    >>> as_list("Left out:", ["a & b"])
    '<p>Left out:</p><ul><li>a &amp; b</li></ul>'
    """
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<p>{escape(title)}</p><ul>{items}</ul>"

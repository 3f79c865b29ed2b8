import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # Rich brings it

from forecast_cli.reporting.escaping import escape_cell, escape_text, fence_code
from forecast_cli.reporting.figures import show_text

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
hostile = st.text(st.sampled_from("`*_~[]()<>|#&;!$\\-+=.:@/ 1aZ\n\x1b\u202e\"'") | st.characters()).map(str.strip)


def read(markdown):
    """Return the text that Markdown shows, and the kinds of its parts."""
    lines = [token.children for token in READER.parse(markdown) if token.children]
    parts = [part for line in lines for part in line]
    return "".join(part.content for part in parts), {token.type for token in READER.parse(markdown)}, parts


def spell(name):
    """Return what is to be seen of a name; Markdown has no space at the ends, and one for several elsewhere."""
    return show_text(name).strip()


@given(hostile)
@example("1. item")
@example("- item")
@example("+")
@example("===")
@example("---")
@example("[a](http://b)")
@example("&lt;b&gt;")
def test_a_name_is_a_paragraph_that_shows_just_this_name(name):
    text, kinds, parts = read(escape_text(name))
    assert text == spell(name)
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    assert {part.type for part in parts} <= {"text", "text_special", "code_inline"}


@given(hostile, hostile)
def test_names_are_the_cells_of_a_table(first, second):
    table = f"| a | b |\n| --- | --- |\n| {escape_cell(first)} | {escape_cell(second)} |\n"
    inline = [token for token in READER.parse(table) if token.type == "inline"]
    cells = ["".join(part.content for part in token.children) for token in inline]
    assert cells == ["a", "b", spell(first), spell(second)]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("temp_in_2", "temp_in_2"),
        ("flow [m3/h]", r"flow \[m3/h\]"),
        ("_x_ *y*", r"\_x\_ \*y\*"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("--lookback 7d", "--lookback 7d"),
        ("1. item", r"1\. item"),
        ("16.9 to 18.9", "16.9 to 18.9"),
        ("`a`", r"\`a\`"),
        ("[a](b)", r"\[a\](b)"),
        ("&lt;", r"\&lt;"),
    ],
)
def test_only_what_would_be_markup_is_escaped(name, escaped):
    assert escape_text(name) == escaped


@pytest.mark.parametrize(
    "name", ["@somebody", "@org/team", "#12", "GH-7", "owner/repo#3", "https://a.b/c", "www.a.b", "a@b.org", ":boom:"]
)
def test_what_github_would_act_upon_stands_in_code(name):
    assert escape_text(f"flow {name} in") == f"flow `{name}` in"


@pytest.mark.parametrize("name", ["12:30:45", "kg@20", "a # b", "2025-01-01T00:00:00"])
def test_what_merely_looks_like_it_stays_text(name):
    assert "`" not in escape_text(name)


@given(hostile)
def test_a_block_of_code_holds_whatever_is_in_it(text):
    tokens = READER.parse(fence_code(text))
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content.rstrip("\n") == show_text(text)


def test_sparklines_and_numbers_are_set_as_such():
    assert escape_cell("▁▃█·│▁") == "`▁▃█·│▁`"
    assert escape_cell("-1.5e-05") == "-1.5e-05"
    assert not re.search(r"\\", escape_cell("12.0 %"))

"""Cleaning descriptions: nothing dangerous passes, and one content has one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.description import (
    FOOTER_CLOSES,
    FOOTER_OPENS,
    MAX_LENGTH,
    clean,
    with_footer,
    words,
)

FRAGMENTS = [
    *("<b>", "</b>", "<em>", "</em>", "<p>", "</p>", "<br>", "<ul>", "</ul>", "<li>", "</li>"),
    *("<div>", "</div>", "<h1>", "</h1>", "<h5>", "</h5>", "<blockquote>", "</blockquote>"),
    *("<a href='https://x.test/a?b=1&c'>", "<a href='mailto:a@b'>", "</a>", "https://a.test/x."),
    *("<table><tr><td>", "</td></tr></table>", "<pre>", "</pre>", "<script>x</script>"),
    *(
        " ",
        "\n",
        "&nbsp;",
        "&amp;",
        "&lt;",
        "&#1;",
        "word",
        "é",
        "e\u0301",
        "<",
        "\ud800",
        "https://.",
    ),
    *(FOOTER_OPENS, FOOTER_CLOSES, "a" * 3000, "&" * 900),
]
descriptions = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=25).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<b>Hello</b>", "<strong>Hello</strong>"),
        ("<i>a</i><ins>b</ins>", "<em>a</em><u>b</u>"),
        ("Hello", "<p>Hello</p>"),
        ("Hello", "<p>Hello</p><p><br></p>"),
        ("<p>a</p><p>b</p>", "a<br><br>b"),
        ("<p>a</p>\n\n<p>b</p>", "<p>a</p><p><br></p><p>b</p>"),
        ("a\nb", "a<br/>b"),
        ("a\r\nb", "<div>a</div><div>b</div>"),
        ("Tom & Jerry", "Tom &amp; Jerry"),
        ("a\u00a0b", "a &nbsp; b"),
        ("  a  b ", "a b"),
        ("<b>a </b>b", "<b>a</b> b"),
        ("<b>a</b><b>b</b>", "<b>ab</b>"),
        ("<b><i>x</i></b>", "<i><b>x</b></i>"),
        ("<b></b>x<ul></ul>", "x"),
        ("<ul><li><p>x</p></li></ul>", "<ul>\n<li>x</li>\n</ul>"),
        (
            "see https://a.test/x.",
            'see <a href="https://a.test/x" target="_blank">https://a.test/x</a>.',
        ),
        (
            '<a href="https://www.google.com/url?q=https://a.test/x&amp;sa=D&amp;ust=17">here</a>',
            '<a href="https://a.test/x">here</a>',
        ),
        ("e\u0301t\u200be", "\u00e9te"),
        ("<b>https://a.<strong>test/x</strong></b>", "<b>https://a.test/x</b>"),
        ("https://a.<a href='javascript:x'>test</a>", "https://a.test"),
    ],
)
def test_spellings_of_the_same_content_have_one_form(one: str, other: str) -> None:
    assert clean(one) == clean(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<b>Hello</b>", "Hello"),
        ("a<br>b", "a b"),
        ("a<br>b", "a<br><br>b"),
        ("<ul><li>a</li></ul>", "<ol><li>a</li></ol>"),
        ('<a href="https://a.test">x</a>', '<a href="https://b.test">x</a>'),
        ("Hello", "hello"),
    ],
)
def test_different_contents_stay_different(one: str, other: str) -> None:
    assert clean(one) != clean(other)


@pytest.mark.parametrize(
    "dangerous",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "<b onclick=alert(1)>x</b>",
        "<iframe src=https://a.test></iframe>",
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_that_could_run_or_load_is_kept(dangerous: str) -> None:
    cleaned = clean(dangerous)
    assert not any(
        word in cleaned
        for word in ("script", "onerror", "onclick", "alert", "iframe", "data:", "*")
    )


def test_lists_headings_and_quotations_are_kept() -> None:
    html = "<h2>Agenda</h2><ol><li>one<ul><li>deep</li></ul></li></ol><blockquote>q</blockquote>end"
    assert clean(html) == html


def test_markup_that_was_typed_as_text_stays_text() -> None:
    assert clean("&lt;b&gt;x&lt;/b&gt;") == "&lt;b&gt;x&lt;/b&gt;"


@given(descriptions)
def test_cleaning_never_raises_is_bounded_and_settles_at_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert len(cleaned) <= MAX_LENGTH


@pytest.mark.parametrize("text", ["word " * 3000, "a&b " * 3000, f"<b>{'word ' * 3000}</b>"])
def test_as_much_is_kept_as_there_is_room_for(text: str) -> None:
    assert MAX_LENGTH - 30 < len(clean(text)) <= MAX_LENGTH
    assert clean(clean(text)) == clean(text)


@given(descriptions)
def test_our_footer_comes_off_again_however_often_it_was_put_on(text: str) -> None:
    footer = '<a href="https://app.livestorm.co/p/1/live">Join</a><br>Made with Livestorm'
    cleaned = clean(text)
    once = with_footer(cleaned, footer)
    twice = once + with_footer("", footer)
    assert clean(once) == cleaned
    assert clean(twice) == cleaned


def test_words_below_our_footer_are_kept() -> None:
    assert clean(with_footer("above", "ours") + "<br>below") == "above<br>below"


def test_a_half_deleted_footer_takes_nothing_with_it() -> None:
    assert clean(f"{FOOTER_OPENS}<br>mine") == "mine"
    assert clean(f"mine<br>{FOOTER_CLOSES}<br>{with_footer('too', 'ours')}") == "mine<br>too"


def test_no_footer_is_no_change() -> None:
    assert with_footer("x", "") == "x"


def test_words_say_what_it_says() -> None:
    assert words(clean("<p>Tom &amp; <b>Jerry</b></p><ul><li>x</li></ul>")) == "Tom & Jerry x"

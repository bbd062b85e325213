"""The pages say what they should, escape what students wrote, and fit together."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from made import row

from nnlib.grading import pages, results

EVIL = "<script>alert('x')</script> & \"co\""


class Reader(HTMLParser):
    """The visible text, the tags, and what they refer to."""

    VOID = {"meta", "rect", "line", "br"}

    def __init__(self, page: str):
        super().__init__()
        self.text, self.tags, self.attributes, self.open = "", [], [], []
        self.feed(page)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += f" {data}"


def student(*rows):
    return results.students(rows)[0]


def assert_stands_alone(page: str):
    """No script, and nothing that is fetched from anywhere."""
    reader = Reader(page)
    assert not reader.open
    assert not {"script", "img", "link", "iframe"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "src"]
    assert "url(" not in page and "http://" not in page and "https://" not in page
    assert "default-src 'none'" in page and "prefers-color-scheme: dark" in page


def test_feedback_says_what_is_right_and_what_to_look_at():
    page = pages.feedback(
        student(
            row("Zoë", "perceptron"),
            row("Zoë", "gate", "wrong", message="AND and OR are swapped."),
            row("Zoë", "fit", "error", message="It raised NameError\nline 3: return x < 1"),
            row("Zoë", "xor_errors", "todo", remark="XOR_errors is defined."),
        ),
        "Lesson 01: perceptron",
    )
    assert_stands_alone(page)
    text = Reader(page).text
    assert "Zoë" in text and "2 of 8 points" in text
    assert "1 correct · 1 not yet right · 1 stopped with an error · 1 not answered" in text
    assert "gate ✗ not yet right 0 of 2 AND and OR are swapped." in text
    assert "line 3: return x < 1" in text
    assert "xor_errors – not answered 0 of 2 XOR_errors is defined." in text
    assert 'hint("gate")' in text  # for the first that is not right yet


def test_feedback_on_an_unreadable_file_says_why_and_nothing_else():
    page = pages.feedback(
        student(row(status="error", message="The file is empty.", problem="The file is empty.")),
        "Lesson 01: perceptron",
    )
    text = Reader(page).text
    assert "Your work could not be read. The file is empty." in text
    assert "stopped with an error" not in text


def test_what_comes_from_a_student_is_escaped():
    rows = [row(EVIL, EVIL, status, message=EVIL, file=EVIL, note=EVIL, isolation=EVIL)
            for status in ("wrong", "error", "todo")]  # fmt: skip
    for page in (pages.feedback(student(rows[0]), EVIL), pages.summary(rows, [EVIL])):
        assert_stands_alone(page)
        assert EVIL in Reader(page).text


def class_of(*results):
    rows = []
    for name, status, message in results:
        rows += [row(name, "gate", status, message=message), row(name, "xor_errors")]
    return rows


def test_the_summary_tells_what_to_explain_again_and_who_needs_it():
    rows = class_of(
        ("Ann", "wrong", "The bias is missing."),
        ("Bob", "wrong", "AND and OR are swapped."),
        ("Cem", "wrong", "AND and OR are swapped."),
        ("Dai", "error", "It raised NameError"),
        ("Eve", "error", "It raised NameError"),
        ("Fay", "todo", ""),
        ("Gus", "correct", ""),
    )
    problem = "The file is not a notebook."
    rows += [row("Hal", e, "error", message=problem, problem=problem, file="x.ipynb")
             for e in ("gate", "xor_errors")]  # fmt: skip
    page = pages.summary(rows, ["roster.csv"])
    assert_stands_alone(page)
    text = Reader(page).text
    assert "8 submissions" in text and "2.0 points on average, of 4" in text
    assert "1 with all points" in text and "1 could not be read" in text
    monday = text[text.index("What to explain") : text.index("Exercise by exercise")]
    assert "2 of 7 AND and OR are swapped. gate , not yet right" in monday
    assert "missing" not in monday  # one student only
    assert "2 of 7 It raised NameError gate , stopped with an error" in monday
    details = text[text.index("Exercise by exercise") : text.index("To look at")]
    assert details.index("gate") < details.index("xor_errors")  # the harder one first
    assert "2 × AND and OR are swapped. Bob, Cem 2 × It raised NameError Dai, Eve" in details
    assert "1 × The bias is missing. Ann" in details and "1 × not answered Fay" in details
    assert "Hal" not in details
    look = text[text.index("To look at") :]
    assert "Hal (x.ipynb): The file is not a notebook." in look and "roster.csv" in look
    assert "Isolation: landlock" in text and "without isolation" not in text


def test_the_summary_warns_where_nothing_was_isolated():
    text = Reader(pages.summary([row(isolation="none")], [])).text
    assert "These answers ran without isolation." in text


def test_the_summary_of_nobody_is_a_page_too():
    assert_stands_alone(pages.summary([], []))


@pytest.mark.parametrize("most", [1, 10, 20, 21, 100])
def test_the_histogram_counts_every_student_once(most):
    totals = [0, 0, most // 2, most, most, most]
    rows = [row(f"{i}", "gate", points=total, max=most) for i, total in enumerate(totals)]
    page = pages.summary(rows, [])
    drawing = page[page.index("<svg") : page.index("</svg>")]
    bars = re.findall(r"<rect[^>]*/>\s*<text[^>]*>(\d+)</text>", drawing)
    assert sum(map(int, bars)) == len(totals) and len(bars) == len({0, most // 2, most})
    heights = [float(h) for h in re.findall(r'height="([\d.]+)"', drawing)]
    assert len(heights) == len(bars) and max(heights) == 140
    labels = re.findall(r'y="178">([^<]+)</text>', drawing)
    assert labels[0].startswith("0") and labels[-1].endswith(str(most)) and len(labels) <= 21


NAMES = ["Zoë O'Neil", "Zoë O_Neil", "zoë o'neil", "../../etc/passwd", "..", "", "CON", "com1", "李 小龙",
         'a"b', "a/b", "a\\b", "x" * 300, "x" * 301, "ü" * 300, "=1+1", "-", "_", "a.b", "a b"]  # fmt: skip


def test_file_names_are_safe_and_never_the_same_twice():
    names = pages.file_names(NAMES)
    assert len({name.casefold() for name in names.values()}) == len(NAMES)
    for name in names.values():
        assert re.fullmatch(r"[\w-]+\.html", name) and len(name.encode()) < 200
        assert name.lower() not in ("con.html", "com1.html")
    assert names["李 小龙"] == "李_小龙.html"
    # A name does not change with the order of the list.
    assert pages.file_names(NAMES[::-1]) == names


def test_every_student_in_the_summary_links_to_their_page():
    reader = Reader(pages.summary([row(name) for name in NAMES], []))
    links = [value for name, value in reader.attributes if name == "href"]
    wanted = pages.file_names(NAMES)
    assert [unquote(link) for link in links] == [f"feedback/{wanted[name]}" for name in NAMES]


def test_the_title_names_the_lesson():
    assert pages.title_of([row()]) == "Lesson 01: perceptron"
    assert pages.title_of([row(lesson="05_gradient_descent")]) == "Lesson 05: gradient descent"
    assert pages.title_of([row(lesson="")]) == pages.title_of([]) == "Assignment"
    assert pages.title_of([row(), row(lesson="02_layers")]) == "Assignment"

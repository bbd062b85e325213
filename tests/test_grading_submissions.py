"""Finding submissions: whose is what, and what is in it, however it was named, packed or broken."""

import os
import zipfile

import pytest
from made import notebook

from nnlib.errors import CourseError
from nnlib.grading import submissions
from nnlib.grading.submissions import find, read
from nnlib.trial import reading


def fill(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def packed(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def whose(place, **options) -> dict[str, list[str]]:
    """Student -> the code of their files, in order."""
    found, _ = find(place, **options)
    return {one.student: [_code(source) for source in read(one.files)] for one in found}


def _code(source) -> str:
    return "|".join(reading.read(source.name, source.content).code)


A, B = notebook("a = 1"), notebook("b = 1")
LAYOUTS = {
    "files": ({"Zoë O'Neil.ipynb": A, "bob.py": b"b = 1"}, ["bob", "Zoë O'Neil"]),
    "capital suffix": ({"Zoë O'Neil.IPYNB": A, "bob.PY": b"b = 1"}, ["bob", "Zoë O'Neil"]),
    "folders": ({"Zoë O'Neil/l.ipynb": A, "bob/deep/er/l.ipynb": B}, ["bob", "Zoë O'Neil"]),
    "one folder around": ({"s/Zoë O'Neil.ipynb": A, "s/bob.ipynb": B}, ["bob", "Zoë O'Neil"]),
    "folders around": ({"s/t/Zoë O'Neil/l.ipynb": A, "s/t/bob/l.ipynb": B}, ["bob", "Zoë O'Neil"]),
    "one student, who has two lessons": (
        {"Zoë O'Neil/00_tensors.ipynb": A, "Zoë O'Neil/01_perceptron.ipynb": A},
        ["Zoë O'Neil"],
    ),
    "canvas": (
        {"oneilzoë_LATE_123_6790_lesson (1).ipynb": A, "bob_124_6789_x_y.ipynb": B},
        ["bob", "oneilzoë"],
    ),
    "canvas in a folder": ({"submissions/bob_124_6789_lesson-1.ipynb": B}, ["bob"]),
    "moodle": (
        {
            "Zoë O'Neil_1234567_assignsubmission_file_/lesson.ipynb": A,
            "bob_1234568_assignsubmission_file_/homework/lesson.ipynb": B,
        },
        ["bob", "Zoë O'Neil"],
    ),
    "moodle, one student": ({"bob_1234568_assignsubmission_file_/lesson.ipynb": B}, ["bob"]),
    "moodle without folders": (
        {"Zoë O'Neil_1234567_assignsubmission_file_lesson.ipynb": A},
        ["Zoë O'Neil"],
    ),
    "numbers that are not canvas's": (
        {"hw_2_10_zoë.ipynb": A, "hw_2_10_bob.ipynb": B},
        ["hw_2_10_bob", "hw_2_10_zoë"],
    ),
    "copies of one name": (
        {"lesson.ipynb": A, "lesson (1).ipynb": B},
        ["lesson", "lesson (1)"],
    ),
    "left by systems": (
        {"bob.ipynb": B, ".ipynb_checkpoints/bob-checkpoint.ipynb": A, "__MACOSX/._bob.ipynb": A,
         ".DS_Store": b"x", "anna/.ipynb_checkpoints/l-checkpoint.ipynb": A},
        ["bob"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_each_student_their_own_work(tmp_path, layout, kind):
    files, students = LAYOUTS[layout]
    place = fill(tmp_path / "x", files) if kind == "folder" else packed(tmp_path / "x.zip", files)
    found = whose(place)
    assert list(found) == students
    for student, codes in found.items():
        wanted = "b = 1" if "b" in student or "(1)" in student else "a = 1"
        assert set(codes) == {wanted}


def test_a_late_canvas_file_and_the_lms_number_are_kept(tmp_path):
    files = {"smithjo_LATE_11_900_l.ipynb": A, "smithjo_12_901_l.ipynb": B}
    found, _ = find(packed(tmp_path / "x.zip", files))
    late, other = found
    assert (late.student, late.id, late.late) == ("smithjo (11)", "11", True)  # two of one name
    assert (other.student, other.id, other.late) == ("smithjo (12)", "12", False)


MOODLE = "{}_{}_assignsubmission_file_{}"


def test_a_files_name_makes_nobody_of_somebody_else(tmp_path):
    files = {
        MOODLE.format("Ada Lovelace", 222, "l.py"): A,
        MOODLE.format("Mallory", 111, MOODLE.format("Ada Lovelace", 222, "x.py")): B,
    }
    found, _ = find(fill(tmp_path, files))
    assert [(one.student, one.id, len(one.files)) for one in found] == [
        ("Ada Lovelace", "222", 1),
        ("Mallory", "111", 1),
    ]


def test_a_name_that_looks_like_two_of_one_name_is_kept_apart(tmp_path):
    files = {
        MOODLE.format(name, number, "l.py"): A
        for name, number in [("Ada", 111), ("Ada", 222), ("Ada (222)", 333)]
    }
    found, _ = find(fill(tmp_path, files))
    assert {one.id: one.student for one in found} == {
        "111": "Ada (111)",
        "222": "Ada (222) (222)",
        "333": "Ada (222)",
    }


def test_a_number_that_two_names_have_is_neithers(tmp_path):
    files = {MOODLE.format(name, 222, "l.py"): A for name in ("Ada", "Eve")}
    found, _ = find(fill(tmp_path, files))
    assert [(one.student, one.id) for one in found] == [("Ada", ""), ("Eve", "")]
    assert all("several names have the number 222" in one.note for one in found)


def test_the_newest_file_of_a_student_comes_last(tmp_path):
    files = {
        "anna_11_905_lesson-1.ipynb": B,  # by Canvas's number of the file, not by its name
        "anna_11_99_lesson-2.ipynb": A,
    }
    assert whose(packed(tmp_path / "x.zip", files)) == {"anna": ["a = 1", "b = 1"]}
    folder = fill(
        tmp_path / "y", {"anna/lesson (1).ipynb": B, "anna/lesson.ipynb": A, "bo/z.py": A}
    )
    os.utime(folder / "anna" / "lesson.ipynb", (2e9, 2e9))
    assert whose(folder)["anna"] == ["a = 1", "b = 1"]  # a numbered copy is the later one
    folder = fill(tmp_path / "z", {"anna/final.ipynb": B, "anna/lesson.ipynb": A, "bo/z.py": A})
    os.utime(folder / "anna" / "final.ipynb", (2e9, 2e9))
    assert whose(folder)["anna"] == ["a = 1", "b = 1"]
    fill(folder, {"anna/zz.py": b"c = 1"})  # a notebook counts more than a script
    assert whose(folder)["anna"] == ["c = 1", "a = 1", "b = 1"]


def test_a_zip_never_writes_and_cannot_point_outside(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    files = {"../../evil.ipynb": A, "/etc/passwd.ipynb": B, "..\\..\\windows.ipynb": A,
             "bob/../../x.ipynb": A}  # fmt: skip
    place = packed(inside / "x.zip", files)
    before = sorted(tmp_path.rglob("*"))
    assert set(whose(place)) == {"evil", "etc", "windows", "bob"}
    assert sorted(tmp_path.rglob("*")) == before


def test_names_in_a_zip_from_a_mac_are_read_as_utf_8(tmp_path):
    content = packed(tmp_path / "x.zip", {"Zoe\u0308.ipynb": A}).read_bytes()
    unmarked = content.replace(b"PK\x03\x04\x14\x00\x00\x08", b"PK\x03\x04\x14\x00\x00\x00")
    unmarked = unmarked.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x08", b"PK\x01\x02\x14\x03\x14\x00\x00\x00"
    )
    assert unmarked != content
    (tmp_path / "x.zip").write_bytes(unmarked)
    assert list(whose(tmp_path / "x.zip")) == ["Zoë"]


def test_names_are_shown_in_one_line_and_without_control_characters(tmp_path):
    fill(tmp_path, {"a\nb\u202e\x07.ipynb": A})
    assert list(whose(tmp_path)) == ["a b"]
    if os.name == "posix":  # a name that is not UTF-8
        open(os.fsencode(tmp_path) + b"/\xe9\xff.py", "wb").close()
        assert "\\udce9\\udcff" in whose(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="needs links and pipes")
def test_links_and_pipes_are_not_followed(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("password = 1")
    folder = fill(tmp_path / "class", {"bob.ipynb": B})
    (folder / "eve.py").symlink_to(secret)
    (folder / "mallory").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.py")
    found, _ = find(folder)
    problems = {one.student: read(one.files)[-1].problem for one in found}
    assert problems["bob"] == ""
    assert "link" in problems["eve"] and "link" in problems["pipe"]


def test_what_belongs_to_nobody_is_named(tmp_path):
    fill(tmp_path, {"bob.ipynb": B, "roster.csv": b"x", "data/iris.csv": b"x"})
    found, ignored = find(tmp_path)
    assert [one.student for one in found] == ["bob"] and sorted(ignored) == ["data/", "roster.csv"]


def test_who_hands_in_no_notebook_is_still_there(tmp_path):
    files = {
        "Ann_12_assignsubmission_file_/report.pdf": b"%PDF",
        "Bo_13_assignsubmission_file_/l.py": b"b = 1",
    }
    ann, bo = find(packed(tmp_path / "x.zip", files))[0]
    assert "report.pdf is neither a notebook" in read(ann.files)[-1].problem
    assert read(bo.files)[-1].problem == ""


def test_everything_is_one_students_when_asked(tmp_path):
    fill(tmp_path / "submission", {"a.ipynb": A, "b/c.py": b"c = 1", "notes.txt": b""})
    assert whose(tmp_path / "submission", alone=True) == {"submission": ["c = 1", "a = 1"]}
    assert whose(fill(tmp_path / "d", {"zoe.ipynb": A}) / "zoe.ipynb") == {"zoe": ["a = 1"]}


def test_nothing_to_grade_is_said_in_a_sentence(tmp_path):
    fill(
        tmp_path,
        {"empty.zip": b"PK\x05\x06" + bytes(18), "broken.zip": b"PK\x03\x04", "x.csv": b""},
    )
    (tmp_path / "empty").mkdir()
    for name, words in [
        ("missing", "There is no"), ("empty", "no notebook"), ("empty.zip", "no notebook"),
        ("broken.zip", "download it again"), ("x.csv", "no folder, zip"),
    ]:  # fmt: skip
        with pytest.raises(CourseError, match=words):
            find(tmp_path / name)


# -- reading ---------------------------------------------------------------------------------------


def test_a_huge_notebook_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "class" / "huge.ipynb"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(50_000_000)  # takes no space on the disk
    (one,), _ = find(path.parent)
    assert "50 MB; up to 20 MB are read" in read(one.files)[0].problem

    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ipynb", bytes(50_000_000))
    (one,), _ = find(tmp_path / "bomb.zip")
    assert "50 MB" in read(one.files)[0].problem
    # A zip that lies about the size: no more is read than is allowed.
    liar = submissions.File(one.files[0].path, 10, 0.0, one.files[0].read)
    assert "20 MB" in read((liar,))[0].problem


def test_damaged_and_locked_files_in_a_zip_are_said_in_a_sentence(tmp_path):
    path = packed(tmp_path / "x.zip", {"anna.ipynb": A, "bob.ipynb": B})
    content = bytearray(path.read_bytes())
    content[content.index(b"a = 1")] = ord("z")  # its checksum no longer fits
    second = content.rindex(b"PK\x01\x02")
    content[second + 8] |= 1  # marked as encrypted
    content[content.index(b"PK\x03\x04", 10) + 6] |= 1
    path.write_bytes(content)
    found, _ = find(path)
    problems = [read(one.files)[0].problem for one in found]
    assert "damaged" in problems[0] and "password" in problems[1]


def test_one_student_cannot_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_OF_A_STUDENT", 100)
    files = {"ann/a.py": b"#" * 60, "ann/b.py": b"#" * 60, "ann/c.py": b"#" * 30}
    ann, _ = find(fill(tmp_path, files | {"bob/b.py": b""}))[0]
    first, second, third = read(ann.files)
    assert (len(second.content), len(third.content)) == (60, 30)
    assert "together" in first.problem and first.content == b""

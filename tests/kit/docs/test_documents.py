"""The documents: both languages say the same, and everything that they name exists."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHINESE = sorted([*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/*.zh-CN.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST = 110  # lines of the README
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"\||- |\d+\. |#")  # the beginning of a table row, list item or heading

both_languages = pytest.mark.parametrize("chinese", CHINESE, ids=lambda path: path.name)


def english(chinese):
    """The English document of a Chinese one."""
    return chinese.with_name(chinese.name.replace(".zh-CN", ""))


def text(path):
    """The text of a document, without the links to its translation in the first line."""
    return path.read_text(encoding="utf-8").partition("\n")[2]


def outside_fences(text):
    """The text without its code blocks."""
    return FENCE.sub("", text)


def fences(text):
    """The code blocks, without comments and docstrings."""
    return [re.sub(r"#.*|\"\"\".*?\"\"\"", "", block) for block in FENCE.findall(text)]


def headings(text):
    """The depth of each heading, in order."""
    return [line.split(" ")[0] for line in outside_fences(text).splitlines() if line.startswith("#")]


def rows(text):
    """The number of table rows and list items below each heading."""
    parts = re.split(r"^#+ .*$", outside_fences(text), flags=re.MULTILINE)
    return [len([line for line in part.splitlines() if BLOCK.match(line)]) for part in parts]


@both_languages
@pytest.mark.parametrize("part", [headings, rows, fences])
def test_both_languages_have_the_same_parts(chinese, part):
    """Both languages have the same headings, tables, lists and code blocks."""
    assert part(text(chinese)) == part(text(english(chinese)))


@both_languages
def test_both_languages_name_the_same_code(chinese):
    """Every file, command and name in backquotes is in both languages."""
    found = [set(CODE.findall(outside_fences(text(path)))) for path in (chinese, english(chinese))]

    assert found[0] == found[1]


@both_languages
def test_each_link_leads_to_the_same_language(chinese):
    """A Chinese document links to Chinese documents where the English one links to English ones."""

    def translated(link):
        translation = link.replace(".md", ".zh-CN.md")
        return translation if (chinese.parent / translation).exists() else link

    expected = [translated(link) for link in LINK.findall(text(english(chinese)))]
    assert sorted(LINK.findall(text(chinese))) == sorted(expected)


@both_languages
def test_each_document_links_to_its_translation(chinese):
    """The first line of a document leads to the other language."""
    first = {path: path.read_text("utf-8").splitlines()[0] for path in (chinese, english(chinese))}

    assert first[chinese] == f"[English]({english(chinese).name}) | 中文"
    assert first[english(chinese)] == f"English | [中文]({chinese.name})"


@both_languages
def test_a_chinese_paragraph_is_one_line(chinese):
    """No line of Chinese is broken: a browser shows a line break as a space."""
    lines = ["", *outside_fences(text(chinese)).splitlines()]
    broken = [
        line
        for before, line in pairwise(lines)
        if before and line and not BLOCK.match(line) and not before.startswith(("|", "#"))
    ]

    assert broken == []


@both_languages
def test_chinese_punctuation_has_no_space_after_it(chinese):
    """No space follows a full-width punctuation mark."""
    assert re.findall(r".*[，。；：？！] [^|].*", outside_fences(text(chinese))) == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_is_short(readme):
    """The README has at most 110 lines."""
    assert len((ROOT / readme).read_text("utf-8").splitlines()) <= MOST


@pytest.mark.parametrize(
    "document", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda path: path.name
)
def test_every_link_to_a_file_leads_somewhere(document):
    """A link without a scheme leads to a file of this repository."""
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_path_that_the_readme_names_exists():
    """The files and folders in backquotes exist, except those that a run writes."""
    named = [name for name in CODE.findall(README) if re.fullmatch(r"[\w.]+/[\w./]*", name)]
    ours = [name for name in named if not name.startswith((".venv", "reports"))]

    assert ours
    assert [name for name in ours if not (ROOT / name).exists()] == []


def test_the_readme_lists_every_session():
    """The README's table names each session of the noxfile, and no other."""
    sessions = re.findall(r"@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    menu = re.search(r"\| session .*?\n\n", README, re.DOTALL)[0].strip()
    named = [name for row in menu.splitlines()[2:] for name in CODE.findall(row.split("|")[1])]

    assert sorted(named) == sorted(sessions)


def test_ci_runs_the_commands_of_the_readme():
    """CI runs the README's first code block, line by line, and the session ``tests``."""
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = FENCE.findall(README)[0].splitlines()[1:-1]

    assert commands == [line for line in ci if line in commands]
    assert ".venv/bin/nox -s tests" in ci

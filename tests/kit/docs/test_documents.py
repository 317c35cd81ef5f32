"""The documents: two languages in step, and nothing promised that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


def outside_fences(text):
    """The text without its code blocks."""
    return FENCE.sub("", text)


def headings(text):
    """The depth of each heading, in order."""
    return [line.split(" ")[0] for line in outside_fences(text).splitlines() if line.startswith("#")]


def paragraphs(text):
    """How many lines stand between one heading and the next: tables and lists included."""
    return [len(part.strip().splitlines()) for part in re.split(r"^#+ .*$", outside_fences(text), flags=re.M)]


@pytest.mark.parametrize("part", [headings, paragraphs, FENCE.findall], ids=["headings", "lines", "code"])
def test_both_languages_say_the_same(part):
    """Heading by heading, line by line, and the very same commands."""
    assert part(CHINESE) == part(ENGLISH)


@pytest.mark.parametrize("part", [LINK, CODE], ids=["links", "inline-code"])
def test_both_languages_name_the_same_things(part):
    """Every file, command and address stands in both; only the switch at the top differs."""

    def names(text):
        return sorted(set(part.findall(outside_fences(text))) - {"README.md", "README.zh-CN.md"})

    assert names(CHINESE) == names(ENGLISH)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_the_readme_is_short(text):
    """Eighty lines at most."""
    assert len(text.splitlines()) <= 80


@pytest.mark.parametrize("document", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document):
    """A link without a scheme is a file of ours."""
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_path_that_the_readme_names_is_there():
    """Folders and files in backquotes, but for what a run writes."""
    named = [name for name in CODE.findall(ENGLISH) if "/" in name and " " not in name]
    ours = [
        name
        for name in named
        if re.fullmatch(r"[\w./]+", name) and not name.startswith(("/", ".venv", "reports"))
    ]

    assert ours
    assert [name for name in ours if not (ROOT / name).exists()] == []


def test_every_session_is_on_the_menu():
    """The README's table names each session of the noxfile, and no other."""
    sessions = re.findall(r"@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    menu = re.search(r"\| session .*?\n\n", ENGLISH, re.DOTALL)[0].strip()
    named = [name for row in menu.splitlines()[2:] for name in CODE.findall(row.split("|")[1])]

    assert sorted(named) == sorted(sessions)


def test_ci_runs_the_commands_of_the_readme():
    """The first code block, to the letter, and the quick loop."""
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = FENCE.findall(ENGLISH)[0].splitlines()[1:-1]

    assert commands == [line for line in ci if line in commands]
    assert ".venv/bin/nox -s tests" in ci

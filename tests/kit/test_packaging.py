"""The published files: the wheel, the source archive and their description."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from tests.kit.course import Course
from tests.kit.project import ROOT

DOCUMENTS = {path.name for path in ROOT.glob("docs/*.md")} - {"package.md"}
RELATIVE_LINK = re.compile(r"\]\((?!https://)|<(img|a) ", re.IGNORECASE)


def build(source, folder, *targets):
    """Build the package from this folder, without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *targets]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    """The wheel."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        yield wheel


@pytest.fixture
def installed(built, tmp_path_factory, monkeypatch):
    """The folder of an installed wheel; commands that run now find Winnow there."""
    folder = tmp_path_factory.mktemp("site-packages")
    shutil.unpack_archive(next(built.glob("*.whl")), folder, "zip")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def information(wheel, name):
    """The text of a file in the wheel's folder of metadata."""
    path = next(path for path in wheel.namelist() if path.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def contents(wheel):
    """What the wheel installs, but for its metadata."""
    return {path for path in wheel.namelist() if ".dist-info/" not in path}


def test_the_wheel_contains_the_package_and_its_documents(wheel):
    """Texts, templates, styles and the mark of a typed package are in it, and nothing else is."""
    package = [path for path in (ROOT / "winnow").rglob("*") if path.is_file()]
    sources = {path.relative_to(ROOT).as_posix() for path in package if path.suffix != ".pyc"}

    assert contents(wheel) == sources | {f"winnow/docs/{name}" for name in DOCUMENTS}
    assert "winnow/py.typed" in sources


def test_it_is_named_as_plugins_of_pytest_are(wheel):
    """The distribution is pytest-winnow; the command and the plugin are winnow."""
    points = configparser.ConfigParser()
    points.read_string(information(wheel, "entry_points.txt"))

    assert HeaderParser().parsestr(information(wheel, "METADATA"))["Name"] == "pytest-winnow"
    assert dict(points["console_scripts"]) == {"winnow": "winnow.cli:main"}
    assert dict(points["pytest11"]) == {"winnow": "winnow.pytest_plugin"}


def test_the_description_has_no_link_that_breaks_on_an_index(wheel):
    """An index shows it without the files beside it."""
    description = HeaderParser().parsestr(information(wheel, "METADATA")).get_payload()

    assert "pip install pytest-winnow" in description
    assert RELATIVE_LINK.findall(description) == []


def test_the_constraints_name_versions_and_no_index():
    """They are the same wherever the packages come from."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .*)?", line)] == []


def test_the_source_archive_is_enough_to_build_the_wheel(built, wheel, tmp_path):
    """Neither tests nor pictures are in it, and its wheel has the same files."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    build(next(tmp_path.iterdir()), tmp_path / "again", "-t", "wheel")

    assert {Path(name).parts[1] for name in names} & {"tests", "service", "bench", "variants"} == set()
    assert [name for name in names if name.endswith((".png", ".pyc"))] == []
    with zipfile.ZipFile(next((tmp_path / "again").glob("*.whl"))) as again:
        assert contents(again) == contents(wheel)


def test_the_installed_command_tells_its_version(installed, wheel, tmp_path):
    """``python -m winnow`` finds the version of the distribution that it is in."""
    version = HeaderParser().parsestr(information(wheel, "METADATA"))["Version"]
    command = [sys.executable, "-m", "winnow", "--version"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert run.stdout == f"winnow {version}\n"
    assert run.stderr == ""


@pytest.mark.parametrize(("language", "name"), [("en", "your-project.md"), ("zh", "your-project.zh-CN.md")])
def test_a_message_names_a_document_that_is_there(installed, course, language, name):
    """An installed package names the document that it contains, in the language of the message."""
    path = guide(course, language)

    assert path == installed / "winnow/docs" / name
    assert path.is_file()


@pytest.mark.parametrize(("language", "name"), [("en", "your-project.md"), ("zh", "your-project.zh-CN.md")])
def test_in_a_checkout_it_is_the_document_of_the_checkout(course, language, name):
    """There is one copy of each document."""
    assert guide(course, language) == ROOT / "docs" / name


def guide(course: Course, language: str) -> Path:
    """The document that is named where a variant has no promise."""
    course.write("variants/faulty/no-prefix.toml", "needs = 'redis-server'")
    run = course.winnow("--lang", language, "grade", "service")
    return Path(re.search(rf"{re.escape(os.sep)}\S+\.md", run.stderr)[0])

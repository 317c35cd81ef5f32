"""Sources that are not UTF-8, and variants that change them."""

import codecs

import pytest

from tests.kit.course import GOOD, SERVICE


def judged(course):
    """Grade a suite that expects this service's greeting."""
    run = course.grade(GOOD.replace("echo hi", "écho hi"))
    assert "Valid:" in run.stdout, run.stdout + run.stderr
    return "Caught: 1 of 1 faults." in run.stdout


@pytest.fixture
def french(course):
    """A project whose service says écho."""
    for path in (course.folder / "variants").rglob("*.toml"):
        path.write_text(path.read_text("utf-8").replace("echo ", "écho "), encoding="utf-8")
    return course


@pytest.mark.parametrize(
    "source",
    [
        f"# -*- coding: latin-1 -*-\n{SERVICE}".replace("echo ", "écho ").encode("latin-1"),
        f"# vim: set fileencoding=gbk :\n{SERVICE}".replace("echo ", "écho ").encode("gbk"),
        codecs.BOM_UTF8 + SERVICE.replace("echo ", "écho ").encode(),
        SERVICE.replace("echo ", "écho ").replace("\n", "\r\n").encode(),
        SERVICE.replace("echo ", "écho ").replace("async def", "\f\nasync def").encode(),
    ],
    ids=["latin-1", "gbk", "byte-order-mark", "crlf", "form-feed"],
)
def test_edits_fit_a_source_in_any_encoding(french, source):
    """A variant is written in UTF-8; its edits find their place in a service that is not."""
    (french.folder / "service/main.py").write_bytes(source)

    assert judged(french)


def test_a_whole_module_is_written_in_its_own_encoding(course):
    """The encoding that the module names counts, not that of the file which it replaces."""
    course.write("service/main.py", f"# coding: latin-1\n{SERVICE}")
    module = SERVICE.replace('"echo " + text', '"消息 " + text')
    course.write(
        "variants/faulty/no-prefix.toml",
        f"promise = 'p'\n[[module]]\nfile = 'service/main.py'\ncontent = '''{module}'''\n",
    )

    assert "Caught: 1 of 1 faults." in course.grade(GOOD).stdout


def test_variants_with_a_byte_order_mark(course):
    """Some editors write one, also into TOML."""
    path = course.folder / "variants/faulty/no-prefix.toml"
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())

    assert "Caught: 1 of 1 faults." in course.grade(GOOD).stdout


def test_an_encoding_that_does_not_exist_is_named(course):
    """The variants fit; it is the service that cannot be read."""
    course.write("service/main.py", f"# coding: klingon\n{SERVICE}")

    assert "service/main.py, which cannot be read: unknown encoding: klingon" in course.grade(GOOD).stderr


def test_a_file_name_that_is_not_utf_8(course):
    """It is a file like any other."""
    (course.folder / "service/caf\udce9.txt").write_text("")

    assert "Caught: 1 of 1 faults." in course.grade(GOOD).stdout

"""The catalogue of texts: complete in both languages, and no text is missing or unused."""

import ast
import re
import string
import tomllib
from collections import Counter

import pytest

from tests.kit.project import ROOT
from winnow.i18n import catalogue

PACKAGE = ROOT / "winnow"
KEYS = catalogue()
KEY_ARGUMENT = {"say": 0, "say_in": 1, "t": 0, "plain": 0, "WinnowError": 0, "unfit": 0}
ADDED = {"unfit": {"variant", "path"}}  # the values that Variant.unfit fills in
KEY_IN_TEMPLATE = re.compile(r'"([a-z_]+\.[\w.-]*)"( ~)?')
ANY = "[^.]+"  # the part of a key that is known only at run time
WRONG_SPACE = re.compile(r"[。，：；、！？（）“”] | [。，：；、！？（）“”]")


def placeholders(text):
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_section_is_in_one_file():
    """Otherwise a text of one file would replace that of another."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in PACKAGE.glob("texts/*.toml")]
    entries = [tuple(path) for table in files for path in paths(table)]

    assert [path for path, count in Counter(entries).items() if count > 1] == []


def paths(table, *above):
    """The paths to all texts in a table."""
    for name, part in table.items():
        if isinstance(part, dict):
            yield from paths(part, *above, name)
        else:
            yield *above, name


def test_every_text_is_in_both_languages():
    """English, Chinese, and perhaps the English singular; nothing else, and none is empty."""
    wrong = [
        key
        for key, entry in KEYS.items()
        if entry.keys() - {"one"} != {"en", "zh"} or not all(entry.values())
    ]

    assert wrong == []


def test_both_languages_fill_in_the_same_values():
    """The singular may write the number as a word."""
    wrong = [
        key
        for key, entry in KEYS.items()
        if placeholders(entry["en"]) != placeholders(entry["zh"])
        or placeholders(entry.get("one", entry["en"])) | {"n"} != placeholders(entry["en"]) | {"n"}
    ]

    assert wrong == []


def test_chinese_punctuation_has_no_spaces():
    """Full-width punctuation brings its own space."""
    texts = {key: re.sub(r"`[^`]*`", "`", entry["zh"]).strip() for key, entry in KEYS.items()}

    assert [key for key, text in texts.items() if WRONG_SPACE.search(text)] == []


def patterns(node):
    """The regular expressions of the keys that an expression may be, as far as one can read it."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text) + (ANY if text.endswith(".") else "")
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ANY for p in parts)
        case ast.IfExp(body=body, orelse=orelse):
            yield from patterns(body)
            yield from patterns(orelse)


def nodes():
    """Every expression in the package's Python files."""
    for path in PACKAGE.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text("utf-8")))


def calls():
    """Every call for a text: the function, the keys that it asks for, and the names of its values."""
    for node in nodes():
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            position = KEY_ARGUMENT.get(name)
            if position is not None and len(node.args) > position:
                for key in patterns(node.args[position]):
                    kind = rf"error\.{key}\.(problem|hint)" if name in ("WinnowError", "unfit") else key
                    yield name, kind, {keyword.arg for keyword in node.keywords} | ADDED.get(name, set())


def in_templates():
    """Every key that a template names; something may be added to it with a tilde."""
    sections = {key.partition(".")[0] for key in KEYS}
    for path in PACKAGE.rglob("*.j2"):
        for text, added in KEY_IN_TEMPLATE.findall(path.read_text("utf-8")):
            if text.partition(".")[0] in sections and not text.endswith(".j2"):
                yield re.escape(text) + (ANY if added else "")


def found(pattern):
    """The keys of the catalogue that a pattern matches."""
    return {key for key in KEYS if re.fullmatch(pattern, key)}


def test_no_text_is_missing():
    """Every key that the code or a template names is in the catalogue."""
    wanted = {pattern for _, pattern, _ in calls()} | set(in_templates())

    assert sorted(pattern for pattern in wanted if not found(pattern)) == []


def test_no_text_is_unused():
    """Every text of the catalogue is used: directly, or as a key that is passed on."""
    passed_on = {pattern for node in nodes() for pattern in patterns(node) if r"\." in pattern}
    wanted = {pattern for _, pattern, _ in calls()} | set(in_templates()) | passed_on
    used = {"error.label"}.union(*map(found, wanted))

    assert sorted(KEYS.keys() - used) == []


def test_the_code_fills_in_what_the_texts_need():
    """A text gets every value that it names, and no other; ``n`` may only choose the singular."""
    wrong = []
    for _, pattern, values in calls():
        needed = {p for key in found(pattern) for p in placeholders(KEYS[key]["en"])}
        if ANY not in pattern and None not in values and values - {"n"} != needed - {"n"}:
            wrong.append((pattern, values ^ needed))

    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wrong"), [("好。 好", True), ("好 ，好", True), ("好。好", False), ("a: b", False)]
)
def test_a_wrong_space_is_found(text, wrong):
    """The rule itself works."""
    assert bool(WRONG_SPACE.search(text)) is wrong

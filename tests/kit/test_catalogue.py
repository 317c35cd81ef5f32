"""The variants: there are enough, they are in both languages, and each one fits the service."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from winnow.variants import CORRECT, FAULTY, load_misconceptions, load_variants

ROOT = Path(__file__).parents[2]
VARIANTS = load_variants(ROOT / "variants", ROOT, ROOT / "service")
FAULTS = [variant for variant in VARIANTS if variant.kind == FAULTY]
MISCONCEPTIONS = load_misconceptions(ROOT / "variants")
LESSONS = {
    "01_run_and_grade",
    "02_the_missing_line",
    "03_cannot_fail",
    "04_refuse_exactly",
    "05_edge_cases",
    "06_cookie_or_token",
    "07_two_at_once",
    "08_limits",
    "09_live",
    "10_secrets_and_settings",
    "11_presence",
    "12_workers",
}
MAX_NAME = 45  # characters of a name
MAX_WORDS = 40  # of a hint in English
MAX_CHARACTERS = 160  # of a hint in Chinese

NAMES = [variant.name for variant in VARIANTS] + list(MISCONCEPTIONS)
PROMISES = {f"promise of {variant.name}": variant.promise for variant in VARIANTS}
HINTS = {
    f"hint {number} of {variant.name}": hint
    for variant in FAULTS
    for number, hint in enumerate(variant.hints, start=1)
}
BELIEFS = {f"belief of {name}": entry.belief for name, entry in MISCONCEPTIONS.items()}
REASONS = {f"why of {name}": entry.why for name, entry in MISCONCEPTIONS.items()}
TEXTS = PROMISES | HINTS | BELIEFS | REASONS
CODE = re.compile(r"`[^`]*`")
ARTEFACT = re.compile(r"[,;:?!.](\s|$|[^\x00-\x7f])|[，。；：？！、]\s|[()]")


def test_there_are_enough():
    """Forty faults at least, and six rewrites that keep every promise."""
    kinds = Counter(variant.kind for variant in VARIANTS)

    assert kinds[FAULTY] >= 40
    assert kinds[CORRECT] >= 6


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_is_python(variant):
    """Every file that it changes still parses, so that it is judged by what it does."""
    for file, text in variant.files(ROOT).items():
        assert compile(text, file, "exec").co_code


def test_a_variant_uses_no_name_that_is_not_there(tmp_path):
    """Otherwise any test would fail, and not because a promise is broken."""
    for variant in VARIANTS:
        for file, text in variant.files(ROOT).items():
            copy = tmp_path / variant.name / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")

    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", "--output-format=concise"]
    checked = subprocess.run([*ruff, tmp_path], capture_output=True, text=True, check=False)

    assert checked.stdout == "All checks passed!\n"


def test_names_are_short_and_in_kebab_case():
    """Names appear in tables and commands: lower-case words and digits, joined by hyphens."""
    kebab_case = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

    assert [name for name in NAMES if not kebab_case.fullmatch(name) or len(name) > MAX_NAME] == []


@pytest.mark.parametrize("variant", FAULTS, ids=lambda variant: variant.name)
def test_a_fault_belongs_to_a_lesson_and_a_misconception(variant):
    """Both exist, and three hints lead from a nudge to nearly the answer."""
    assert variant.lesson in LESSONS
    assert variant.misconception in MISCONCEPTIONS
    assert len(variant.hints) == 3


def test_every_lesson_has_faults():
    """A lesson without a fault could not be passed."""
    assert {variant.lesson for variant in FAULTS} == LESSONS


def test_every_text_is_in_both_languages():
    """A text has words in English and, in Chinese, characters that are not ASCII."""
    assert [where for where, text in TEXTS.items() if not text.en or text.zh.isascii()] == []


def test_english_is_not_mixed_with_chinese():
    """Outside of code, English has ASCII characters only."""
    assert [where for where, text in TEXTS.items() if not CODE.sub("", text.en).isascii()] == []


def test_chinese_has_chinese_punctuation():
    """Outside of code there is no ASCII punctuation, and no space after a full-width mark."""
    artefacts = {where: ARTEFACT.search(CODE.sub("`", text.zh)) for where, text in TEXTS.items()}

    assert {where: found for where, found in artefacts.items() if found} == {}


def test_hints_are_short():
    """A hint is read at a glance, in either language."""
    long = [where for where, hint in HINTS.items() if len(hint.en.split()) > MAX_WORDS]
    long += [where for where, hint in HINTS.items() if len(hint.zh) > MAX_CHARACTERS]

    assert long == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_variants_have_the_same_promise(language):
    """A promise says which variant it is about."""
    promises = Counter(getattr(promise, language) for promise in PROMISES.values())

    assert [promise for promise, times in promises.items() if times > 1] == []


def test_a_few_ideas_explain_the_faults():
    """About ten misconceptions, each behind more than one fault, and none without any."""
    used = Counter(variant.misconception for variant in FAULTS)

    assert used.keys() == MISCONCEPTIONS.keys()
    assert 8 <= len(MISCONCEPTIONS) <= 14
    assert min(used.values()) >= 2


def test_no_fault_is_there_twice():
    """Two variants do not change the service in the same way."""
    changes = Counter(tuple(sorted(variant.files(ROOT).items())) for variant in VARIANTS)

    assert [change for change, times in changes.items() if times > 1] == []

"""The variants themselves: enough of them, in both languages, and each of them fits the service."""

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
    """Else any test would notice it, and not because a promise is broken."""
    for variant in VARIANTS:
        for file, text in variant.files(ROOT).items():
            copy = tmp_path / variant.name / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")

    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", "--output-format=concise"]
    checked = subprocess.run([*ruff, tmp_path], capture_output=True, text=True, check=False)

    assert checked.stdout == "All checks passed!\n"


@pytest.mark.parametrize("variant", FAULTS, ids=lambda variant: variant.name)
def test_a_fault_can_be_learned_from(variant):
    """A promise in both languages, a misconception that is explained, and hints in stages."""
    assert 2 <= len(variant.hints) <= 3
    misconception = MISCONCEPTIONS[variant.misconception]
    texts = [variant.promise, *variant.hints, misconception.belief, misconception.why]
    assert all(text.en and text.zh for text in texts)
    assert not any(text.zh.isascii() for text in texts)


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

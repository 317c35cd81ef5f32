"""The progress of grading, and the error for an unknown variant."""

import pytest

from winnow.errors import WinnowError
from winnow.grading.progress import progress
from winnow.grading.session import named
from winnow.i18n import Text
from winnow.trials.messages import Broken, Cause, Outcome, Trial
from winnow.variants import CORRECT, FAULTY, Variant


def variants(**kinds):
    """Variants by their names and kinds."""
    return [Variant(name, kind, Text(name, name)) for name, kind in kinds.items()]


def trial(name, kind=None):
    """A trial whose only test passed or failed; without one, the trial has no result."""
    if kind is None:
        return Trial(name, (), Broken(Cause.NO_TESTS))
    return Trial(name, (Outcome("test", kind, 0.1),))


def test_progress_counts_faults_and_correct_variants(capsys):
    """A trial without a result is neither caught nor accepted; only the last line is printed here."""
    found = variants(a=FAULTY, b=FAULTY, c=FAULTY, d=CORRECT, e=CORRECT, f=CORRECT)
    trials = [trial("a", "assertion"), trial("b", "passed"), trial("c")]
    trials += [trial("d", "passed"), trial("e", "error"), trial("f")]
    with progress(found) as show:
        for number, one in enumerate(trials, 1):
            show(number, len(trials), one)

    assert capsys.readouterr().err == "1 of 3 faults caught, 1 of 3 correct variants accepted\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("no-prefx", "did you mean 'no-prefix'?"), ("zzz", "a grade lists the names")],
)
def test_an_unknown_variant(name, hint):
    """A similar name is suggested if there is one."""
    with pytest.raises(WinnowError, match=f"there is no variant '{name}'") as error:
        named(variants(**{"no-prefix": FAULTY}), name)

    assert error.value.hint.startswith(hint)

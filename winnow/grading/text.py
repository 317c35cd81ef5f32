"""The lines that ``winnow grade`` and ``winnow faults`` print."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.grading.record import UNCHANGED, Judged, Record
from winnow.i18n import language, say, say_in
from winnow.project import read_source
from winnow.text import GUIDE, document
from winnow.trials.environment import withheld
from winnow.trials.messages import TIME_OUT, Broken, Cause
from winnow.variants import Variant

FEW = 5  # survivors are shown at first, so that a learner has one next step
SMALL = 20  # a suite with at most this many tests is shown test by test

Again = Callable[[str], str]  # returns the same command with one more option


def lines(record: Record, hints: int, again: Again, *, most: int | None, everything: bool) -> Iterator[str]:
    """Yield the grade: what ran, whether the suite is valid, what it catches, and the next step.

    At most ``most`` survivors are shown, except with ``--all``.
    """
    yield say("grade.done", n=len(record.variants))
    if record.alone:
        yield say("grade.alone") if record.contained else say("grade.outside")
    yield from _validity(record)
    if record.variants:
        yield say("grade.caught", caught=len(record.caught), all=len(record.faults))
        yield from _tests(record, again, everything=everything)
        for program, number in Counter(record.left_out.values()).items():
            yield say("grade.left_out", n=number, program=program)
        yield from (say("grade.time_out", name=fault.name) for fault in record.unproven)
        yield from _survivors(record, hints, again, None if everything else most)
    yield _next_step(record, hints, again)
    if not record.perfect:
        yield say("grade.exit_code")


def _validity(record: Record) -> Iterator[str]:
    if record.valid:
        yield say("grade.valid", n=len(record.correct)) if record.correct else say("grade.no_correct")
        return
    if record.unstable:
        yield say("grade.unstable")
        for test, name in record.unstable.items():
            yield say("grade.unstable_test", test=test, names=name or say("grade.unchanged"))
    if record.false_alarms or not record.unstable:
        yield say("grade.invalid")
    before = ""
    for test, variants in record.false_alarms.items():
        names = say("grade.unchanged") if UNCHANGED in variants else say("list.comma").join(variants)
        yield say("grade.false_alarm", test=test, names=names)
        message = record.reasons[test]
        if message not in ("", before):  # many tests often fail for the same reason
            yield f"    {message}"
        before = message
    for variant in record.correct:
        yield from _broken(variant)


def _tests(record: Record, again: Again, *, everything: bool) -> Iterator[str]:
    """Yield what each test catches; for a large suite, only how many tests catch nothing."""
    without = record.tests_without_a_catch
    for test, why in record.skipped.items() if len(record.skipped) <= SMALL or everything else ():
        yield say("grade.skipped", test=test, reason=why)
    if len(record.by_test) <= SMALL:
        for test, faults in record.by_test.items():
            names = say("list.comma").join(fault.name for fault in faults)
            yield say("grade.catches", test=test, names=names) if faults else say("grade.nothing", test=test)
    elif without and everything:
        yield say("grade.without", n=len(without), all=len(record.by_test))
        yield from (f"  {test}" for test in without)
    elif without:
        yield say("grade.without_more", n=len(without), all=len(record.by_test), command=again("--all"))


def _survivors(record: Record, hints: int, again: Again, most: int | None) -> Iterator[str]:
    shown = record.survivors[:most]
    for fault in shown:
        yield say("grade.survived", name=fault.name, promise=fault.promise.here)
        yield from _broken(fault)
        yield from (f"    {say('grade.hint', hint=hint.here)}" for hint in fault.hints[:hints])
    if more := len(record.survivors) - len(shown):
        yield say("grade.more", n=more, command=again("--all"))


def _broken(judged: Judged) -> Iterator[str]:
    if judged.broken:
        yield say("grade.broken", name=judged.name, reason=reason(judged.broken, language()))


def _next_step(record: Record, hints: int, again: Again) -> str:
    """Return what to do next: make the suite valid first, then catch more."""
    if record.control or not record.tests:
        if record.lacks:
            return say("grade.next_variables", step=_variables(record.lacks))
        if any(failure.kind == TIME_OUT for failure in record.control.values()):
            return say("grade.next_time")
        return say("grade.next_pass")
    if record.unstable:
        return say("grade.next_stable")
    if not record.valid:
        return say("grade.next_accept")
    if record.survivors:
        name, written = record.survivors[0].name, len(record.survivors[0].hints)
        if hints < written:
            return say("grade.next_hint", name=name, command=again(f"--hint {hints + 1}"))
        return say("grade.next_show", name=name, command=again(f"--show {name}"))
    if record.unproven:
        return say("grade.next_time_out", name=record.unproven[0].name)
    return say("grade.perfect") if record.faults else say("grade.next_fault", document=document(GUIDE))


def _variables(names: Sequence[str]) -> str:
    """Return how to pass these environment variables to a trial."""
    quoted = ", ".join(f'"{name}"' for name in names)
    return say("grade.variables", names=say("list.comma").join(names), quoted=quoted)


def difference(variant: Variant, root: Path) -> str:
    """Return the variant's changes to the service, as a unified diff."""
    parts: list[str] = []
    for file, text in variant.files(root).items():
        before = read_source(root / file) if (root / file).exists() else ""
        parts += difflib.unified_diff(
            before.splitlines(keepends=True), text.splitlines(keepends=True), file, f"{file} ({variant.name})"
        )
    return "".join(parts)


def reason(broken: Broken, language: str) -> str:
    """Return in one language why a trial has no result."""
    if broken.cause != Cause.ENDED:
        return say_in(language, f"cause.{broken.cause}", subject=broken.subject, detail=broken.detail)
    kind = "exit_code" if broken.detail.isdecimal() else "signal"
    how = say_in(language, f"cause.by_{kind}", detail=broken.detail)
    if broken.subject:
        return say_in(language, "cause.ended_during", subject=broken.subject, how=how)
    return say_in(language, "cause.ended", how=how)


def cannot_judge(broken: Broken, config: Config) -> WinnowError:
    """Return the error for a suite that cannot be run on the unchanged service."""
    module = config.app.partition(":")[0]
    if names := withheld(config, broken.detail):
        return WinnowError("cannot-judge", reason=reason(broken, language()), step=_variables(names))
    step = say(f"cause.do_{broken.cause}", module=module, folder=config.shown(config.service))
    return WinnowError("cannot-judge", reason=reason(broken, language()), step=step)

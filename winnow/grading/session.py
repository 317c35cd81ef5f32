"""One judgement of a suite: load the variants, try them all, grade what was found, and save it."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.grading import text
from winnow.grading.grade import grade
from winnow.grading.mutation_report import as_mutation_report
from winnow.grading.progress import Progress
from winnow.grading.record import Record
from winnow.project import MATRIX, MUTATION, fingerprint, write
from winnow.trials.matrix import CannotJudge, try_all
from winnow.variants import Variant, load_misconceptions, load_variants


def judge(config: Config, suites: Sequence[Path], workers: int) -> Record:
    """Run the suites on the service as it stands and on every variant.

    Raises  WinnowError where that cannot be done.
    """
    variants = load(config)
    before = fingerprint(config)
    try:
        with Progress() as progress:
            matrix = try_all(config, suites, variants, workers, progress.show)
    except CannotJudge as error:
        raise WinnowError(*text.cannot_judge(error.broken, config)) from None
    return grade(matrix, config.root, before, load_misconceptions(config.variants))


def see_that_it_is_true(config: Config, record: Record) -> None:
    """Raise WinnowError where files have changed since the record was begun."""
    if fingerprint(config) != record.fingerprint:
        raise WinnowError(
            "files were changed during the run: the result is about the files as they were, and is not kept",
            "run it again",
        )


def save(config: Config, record: Record) -> None:
    """Keep the record for the page, and for viewers of mutation testing reports."""
    record.save(config.reports / MATRIX)
    write(config.reports / MUTATION, as_mutation_report(record, load(config), config.root))


def load(config: Config) -> tuple[Variant, ...]:
    """Return every variant of the project.

    Raises  WinnowError where there is no service, or a variant does not fit it.
    """
    if not config.service.is_dir():
        raise WinnowError(
            f"there is no service at {config.service}", "[tool.winnow] service names its folder"
        )
    return load_variants(config.variants, config.root, config.service)


def named(variants: Sequence[Variant], name: str) -> Variant:
    """Return the variant of this name.

    Raises  WinnowError that guesses which one was meant.
    """
    for variant in variants:
        if variant.name == name:
            return variant
    close = difflib.get_close_matches(name, [variant.name for variant in variants], n=1)
    hint = f"did you mean '{close[0]}'?" if close else "`winnow grade` names those that are alive"
    raise WinnowError(f"there is no variant '{name}'", hint)

"""The steps of grading a suite: load the variants, run the trials, save the result."""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from winnow.config import Config
from winnow.errors import WinnowError
from winnow.grading import text
from winnow.grading.mutation_report import as_mutation_report
from winnow.grading.progress import progress
from winnow.grading.record import Record
from winnow.project import MATRIX, MUTATION, fingerprint, write
from winnow.trials.matrix import Matrix, try_all
from winnow.trials.runner import CannotJudge
from winnow.trials.store import Store
from winnow.variants import Variant, load_variants


def load(config: Config) -> tuple[Variant, ...]:
    """Return every variant of the project.

    Raises  WinnowError if there is no service, or a variant does not fit it.
    """
    if not config.service.exists():
        raise WinnowError("no-service", folder=config.shown(config.service))
    return load_variants(config.variants, config.root, config.service)


@contextmanager
def opened(config: Config, *, fresh: bool) -> Iterator[Store | None]:
    """Open the verdict store; without permission to write the project's folder, there is no store."""
    try:
        store = Store(config.root, fresh=fresh)
    except WinnowError:
        yield None
        return
    with closing(store):
        yield store


def run_trials(
    config: Config, suites: Sequence[Path], variants: Sequence[Variant], workers: int, store: Store | None
) -> Matrix:
    """Run the suites against the unchanged service and every variant, except where the store has results.

    Raises  WinnowError if the suites cannot be run on the unchanged service.
    """
    try:
        with progress(variants) as show:
            return try_all(config, suites, variants, workers, show, store=store)
    except CannotJudge as error:
        raise text.cannot_judge(error.broken, config) from None


def save(config: Config, record: Record, variants: Sequence[Variant]) -> None:
    """Save the record for the page, and for viewers of mutation testing reports."""
    record.save(config.reports / MATRIX)
    write(config.reports / MUTATION, as_mutation_report(record, variants, config.root))


def check_that_nothing_changed(config: Config, record: Record) -> None:
    """Raise WinnowError if files have changed since the trials started: the record is out of date."""
    if fingerprint(config) != record.fingerprint:
        raise WinnowError("files-changed")


def named(variants: Sequence[Variant], name: str) -> Variant:
    """Return the variant of this name.

    Raises  WinnowError if there is none; it suggests a similar name.
    """
    for variant in variants:
        if variant.name == name:
            return variant
    close = difflib.get_close_matches(name, [variant.name for variant in variants], n=1)
    if close:
        raise WinnowError("misspelt-variant", name=name, close=close[0])
    raise WinnowError("unknown-variant", name=name)

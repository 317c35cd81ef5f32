"""The matrix: the outcome of every test on every variant of the service."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from winnow.config import Config
from winnow.trials.memory import Memory
from winnow.trials.messages import PASSED, Trial
from winnow.trials.runner import Progress, Trials
from winnow.trials.sandbox import sandboxes
from winnow.trials.store import Store
from winnow.variants import Variant


@dataclass(frozen=True)
class Matrix:
    """All trials: first on the unchanged service, then on each variant, in the order of the catalogue.

    ``unstable`` has each test that failed on a service and passed on it when it was repeated alone, with
    that service's name. ``contained`` is false if trials share the machine's network and ``/tmp``.
    ``alone`` is true if the trials ran one at a time, because the suite passes only then. ``lacks`` names
    environment variables that trials do not have, if the suite fails on the unchanged service.
    """

    began: str
    suites: tuple[str, ...]
    control: Trial
    trials: tuple[tuple[Variant, Trial], ...] = ()
    left_out: tuple[Variant, ...] = ()  # they need a program that is not installed
    unstable: dict[str, str] = field(default_factory=dict)
    contained: bool = True
    alone: bool = False
    lacks: tuple[str, ...] = ()


def try_all(
    config: Config,
    suites: Sequence[Path],
    variants: Sequence[Variant],
    workers: int,
    progress: Progress,
    *,
    store: Store | None = None,
) -> Matrix:
    """Run the suites against the unchanged service and against every variant.

    Results that are in the verdict store are not computed again.

    Raises  CannotJudge if the suites cannot be run on the unchanged service.
    """
    began = datetime.now(UTC).isoformat(timespec="seconds")
    left_out = tuple(v for v in variants if v.needs and not shutil.which(v.needs))
    variants = [v for v in variants if v not in left_out]
    with sandboxes(config, suites) as boxes:
        boxes.copy()
        memory = Memory(store, config, boxes.master, boxes.paths)
        trials = Trials(config, boxes, memory, workers)
        try:
            slow = trials.begin()
            if not any(outcome.kind == PASSED for outcome in trials.control.outcomes):
                return Matrix(began, tuple(boxes.paths), trials.control, lacks=trials.lacks)
            found = trials.try_variants(variants, slow, progress)
        finally:
            trials.close()
    return Matrix(
        began,
        tuple(boxes.paths),
        trials.control,
        tuple((variant, found[variant.name]) for variant in variants),
        left_out,
        trials.unstable,
        trials.contained,
        trials.alone,
        trials.lacks,
    )

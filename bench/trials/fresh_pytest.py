"""The simplest method: start a new pytest for each variant, one after the other."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.trials import SUITE
from bench.trials.commands import Run, run
from winnow.config import Config
from winnow.trials.sandbox import sandboxes
from winnow.variants import Variant

COMMAND = [
    *(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"),
    *("-p", "pytest_timeout", "--timeout=2", SUITE),  # without a limit, a silent service blocks it
]
LIMIT = 60.0  # seconds for one variant
PASSED, FAILED = 0, 1  # exit codes of pytest; any other one is no verdict


@dataclass(frozen=True)
class Fresh:
    """The verdict on one variant, and its cost."""

    name: str
    run: Run

    @property
    def caught(self) -> bool | None:
        """Whether a test failed; None if there is no verdict."""
        return {PASSED: False, FAILED: True}.get(self.run.code if self.run.code is not None else FAILED)


def try_fresh(config: Config, variants: Sequence[Variant]) -> list[Fresh]:
    """Run the suite on these variants; the only plugin is the one with the time limit."""
    with sandboxes(config, [config.root / SUITE]) as boxes:
        return [Fresh(variant.name, _run(Path(boxes.make(variant).project))) for variant in variants]


def _run(sandbox: Path) -> Run:
    return run(COMMAND, sandbox, LIMIT, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

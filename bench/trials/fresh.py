"""The naive way: for each variant a pytest of its own, one after the other."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.trials import SUITE
from bench.trials.running import Run, run
from winnow.config import Config
from winnow.trials.sandbox import sandboxes
from winnow.variants import Variant

COMMAND = [
    *(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider"),
    *("-p", "pytest_timeout", "--timeout=2", SUITE),  # without a limit a silent service hangs it for ever
]
LIMIT = 60.0  # seconds that one variant may take
PASSED, FAILED = 0, 1  # pytest's exit codes; any other one is no judgement


@dataclass(frozen=True)
class Fresh:
    """What it took and found for one variant."""

    name: str
    run: Run

    @property
    def noticed(self) -> bool | None:
        """Whether a test failed; None where nothing can be said."""
        return {PASSED: False, FAILED: True}.get(self.run.code if self.run.code is not None else FAILED)


def try_fresh(config: Config, variants: Sequence[Variant]) -> list[Fresh]:
    """Run the suite on these variants; no plugin is loaded but the one that limits each test."""
    with sandboxes(config, [config.root / SUITE]) as boxes:
        return [Fresh(variant.name, _run(Path(boxes.make(variant).project))) for variant in variants]


def _run(sandbox: Path) -> Run:
    return run(COMMAND, sandbox, LIMIT, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

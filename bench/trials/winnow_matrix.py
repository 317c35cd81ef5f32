"""Run Winnow on every STEP-th variant, in a process of its own; the last line of output is JSON."""

import argparse
import json
import signal
import time

from bench.trials import SUITE
from winnow.config import Config
from winnow.trials.matrix import try_all
from winnow.trials.messages import PASSED, Trial
from winnow.variants import load_variants


def main() -> None:
    """Run the trials; print the duration and the verdict of each."""
    parser = argparse.ArgumentParser()
    for option, default in (("--workers", 2), ("--step", 1), ("--offset", 0)):
        parser.add_argument(option, type=int, default=default)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have disabled it
    config = Config.load()
    variants = load_variants(config.variants, config.root, config.service)[options.offset :: options.step]
    first: list[float] = []  # when the first trial began

    def begin(_number: int, _total: int, trial: Trial) -> None:
        if not first:
            first.append(time.perf_counter() - trial.seconds)

    matrix = try_all(config, [config.root / SUITE], variants, options.workers, begin)
    found = {
        "tests": len(matrix.control.outcomes),
        "after_start": time.perf_counter() - first[0],
        "trials": {
            variant.name: {
                "seconds": trial.seconds,
                "caught": any(outcome.kind != PASSED for outcome in trial.outcomes),
                "broken": trial.broken,
            }
            for variant, trial in matrix.trials
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()

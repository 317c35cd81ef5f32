"""Judge suites by variants, from the command line."""

import argparse
import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from winnow import grading
from winnow.config import Config
from winnow.counter import Counter
from winnow.errors import WinnowError
from winnow.files import write
from winnow.fingerprint import fingerprint
from winnow.grade import Grade
from winnow.housekeeping import MATRIX, MUTATION
from winnow.matrix import try_all
from winnow.mutation_report import as_mutation_report
from winnow.variants import Variant, load_variants


def judge(
    config: Config, options: argparse.Namespace, suites: Sequence[Path], keep: bool, out: Console
) -> bool:
    """Try every variant, print the grade, and tell whether the suite is valid and catches all.

    The grade may be kept in the reports folder: for the page, and for viewers of mutation testing.
    """
    if not config.service.is_dir():
        raise WinnowError(
            f"there is no service at {config.service}", "[tool.winnow] service names its folder"
        )
    variants = load_variants(config.variants, config.root, config.service)
    if options.show:
        out.print(grading.difference(_named(variants, options.show), config.root), markup=False)
        return True
    before = fingerprint(config)
    with Counter() as counter:
        grade = Grade(try_all(config, suites, variants, options.workers, counter.count))
    most = None if keep else grading.FEW
    words = grading.lines(grade, options.hint, most=most, everything=options.all)
    if fingerprint(config) != before:
        for line in words:
            out.print(line, markup=False)
        raise WinnowError(
            "files were changed while this was found out: it is about what they were, and is not kept",
            "run it again",
        )
    data = _json(grading.as_data(grade, config))
    if keep:
        write(config.reports / MATRIX, data)
        write(config.reports / MUTATION, _json(as_mutation_report(grade, config)))
    for line in [data] if options.json else words:
        out.print(line, markup=False)
    return grade.valid and not grade.alive and not grade.unproven


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _named(variants: Sequence[Variant], name: str) -> Variant:
    """Return the variant of this name, or guess which one was meant."""
    for variant in variants:
        if variant.name == name:
            return variant
    close = difflib.get_close_matches(name, [variant.name for variant in variants], n=1)
    hint = f"did you mean '{close[0]}'?" if close else "`winnow grade` names those that are alive"
    raise WinnowError(f"there is no variant '{name}'", hint)

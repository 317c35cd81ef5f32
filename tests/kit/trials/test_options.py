"""What is taken out of pytest's options for a trial, and nothing else."""

import pytest

from winnow.trials.options import Installed, without_harmful


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["--cov=shop", "--cov-fail-under=100", "--cov-report="], []),
        (["--cov", "--cov-report", "term", "checks"], ["checks"]),
        (["-n", "2", "-x", "-v"], ["-x", "-v"]),
        (["-n4", "--dist", "loadfile"], []),
        (["-n=auto"], []),
        (["--html", "report.html", "--self-contained-html"], []),
        (["-p", "randomly", "-p", "common_fixtures"], ["-p", "common_fixtures"]),
        (["-p", "no:cacheprovider"], ["-p", "no:cacheprovider"]),
        (["-p", "xdist.plugin", "-p", "pytest_cov"], []),
        (["-m", "not integration", "--strict-markers"], ["-m", "not integration", "--strict-markers"]),
        (["--ignore=checks/later", "-k", "n", "-ra"], ["--ignore=checks/later", "-k", "n", "-ra"]),
        (["--numprocesses=2", "--node", "x"], ["--node", "x"]),
    ],
)
def test_only_harmful_options_are_taken_out(given, kept):
    """Measuring, spreading, shuffling and reporting go with their values; all else stays in its order."""
    assert without_harmful(given) == kept


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    """The usage error with which pytest ends says which plugin it was."""
    broken = (("glitter", ImportError("the plugin glitter cannot be imported: no module named sequins")),)
    monkeypatch.setattr("winnow.trials.options.installed", lambda: broken)

    with pytest.raises(pytest.UsageError, match="glitter cannot be imported: no module named sequins"):
        Installed().pytest_addoption(pytest.PytestPluginManager())

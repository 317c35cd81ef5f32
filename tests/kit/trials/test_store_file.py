"""The file of the verdict store: shared, bounded, and replaced when it is damaged."""

import sqlite3
import threading

import pytest

from winnow.trials.messages import Outcome
from winnow.trials.store import Store

PASSED = Outcome("tests/test_a.py::test", "passed", 0.1)


def test_a_fresh_store_is_written_and_not_read(tmp_path):
    """``--fresh`` runs everything again, and what it finds replaces what was known."""
    for fresh, kind in ((False, "passed"), (True, "assertion")):
        store = Store(tmp_path, fresh=fresh)
        store.put({"key": [Outcome("t", kind, 0.1)]})
        assert (store.get("key") is None) is fresh
        store.close()

    store = Store(tmp_path)
    assert store.get("key") == (Outcome("t", "assertion", 0.1),)
    store.close()


@pytest.mark.parametrize("damage", ["no database", "", "another table"])
def test_a_damaged_store_is_set_aside(tmp_path, damage):
    """A file that is no store of ours is moved away, or replaced if it is empty, and a new one begun."""
    path = tmp_path / ".winnow_cache/verdicts.sqlite"
    path.parent.mkdir()
    if damage == "another table":
        with sqlite3.connect(path) as rows:
            rows.execute("CREATE TABLE verdicts (other TEXT)")
        rows.close()
    else:
        path.write_text(damage)

    store = Store(tmp_path)
    store.put({"key": [PASSED]})

    assert store.get("key") == (PASSED,)
    assert (store.damaged is not None) == (damage != "")
    store.close()


def test_the_store_is_no_part_of_the_repository(tmp_path):
    """The folder says that it is a cache, to git and to programs that make backups."""
    Store(tmp_path).close()

    assert (tmp_path / ".winnow_cache/.gitignore").read_text() == "*\n"
    assert (tmp_path / ".winnow_cache/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172")


def test_the_oldest_rows_go(tmp_path, monkeypatch):
    """The number of rows is bounded."""
    monkeypatch.setattr("winnow.trials.store.MOST_ROWS", 3)
    store = Store(tmp_path)
    for number in range(5):
        store.put({str(number): [PASSED]})
    store.close()

    store = Store(tmp_path)
    assert [number for number in range(5) if store.get(str(number))] == [2, 3, 4]
    store.close()


def test_two_runs_write_at_once(tmp_path):
    """Two stores on one file lose nothing of each other."""

    def fill(name):
        store = Store(tmp_path)
        for number in range(100):
            store.put({f"{name}{number}": [PASSED]})
        store.close()

    threads = [threading.Thread(target=fill, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store = Store(tmp_path)
    assert all(store.get(f"{name}{number}") for name in "ab" for number in range(100))
    store.close()

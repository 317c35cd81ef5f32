"""Links in a project, and the folders above it."""

import shutil

import pytest

from tests.kit.course import GOOD, Course

pytestmark = pytest.mark.parametrize("namespaces", ["", "none"])
JUDGED = ("Valid:", "Caught: 1 of 1 faults.")


@pytest.fixture
def shop(tmp_path, monkeypatch, namespaces):
    """A project with a suite, below a folder that is not part of it."""
    monkeypatch.setenv("WINNOW_NO_NAMESPACES", namespaces)
    shop = Course(tmp_path / "shop")
    shop.write("test_it.py", GOOD)
    return shop


def judge(shop, wanted=JUDGED):
    """Grade the suite, and check that nothing outside of a trial has changed."""
    files = {path: path.read_bytes() for path in shop.folder.parent.rglob("*.py")}

    run = shop.winnow("grade", "test_it.py")

    assert all(part in run.stdout for part in wanted), run.stdout + run.stderr
    assert files == {path: path.read_bytes() for path in files}


def test_the_service_is_a_link_to_a_folder_outside(shop):
    """A variant changes a copy of the code, never the code to which the link leads."""
    shutil.move(shop.folder / "service", shop.folder.parent / "shared")
    (shop.folder / "service").symlink_to("../shared")

    judge(shop)


def test_a_file_of_the_service_is_a_link_to_one_outside(shop):
    """So it is with a single file."""
    shutil.move(shop.folder / "service/main.py", shop.folder.parent / "shared.py")
    (shop.folder / "service/main.py").symlink_to("../../shared.py")

    judge(shop)


def test_the_service_is_a_link_to_a_folder_inside(shop):
    """By whichever of its two paths the service is imported, it is the variant."""
    shutil.move(shop.folder / "service", shop.folder / "real")
    (shop.folder / "service").symlink_to("real")

    judge(shop)


def test_links_that_lead_nowhere_or_round_in_circles(shop):
    """They stay links, and do no harm."""
    for name, goes in {"up": "../..", "me": ".", "loop": "loop", "gone": "/nowhere", "etc": "/etc"}.items():
        (shop.folder / "service" / name).symlink_to(goes)
    (shop.folder.parent / "beside.py").write_text("")

    judge(shop)

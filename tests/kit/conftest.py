"""What the kit's tests share."""

import pytest

from tests.kit.project import Project


@pytest.fixture
def project(tmp_path):
    """A copy of the project, to break things in."""
    return Project(tmp_path)

"""What tests of several parts share."""

import os

import pytest
import torch


def pytest_runtest_setup(item):
    """Skip tests of real data where there are none."""
    if item.get_closest_marker("real_data") and "BRAINLIKE_DATA" not in os.environ:
        pytest.skip("BRAINLIKE_DATA names no folder of real data")


@pytest.fixture(autouse=True)
def same_numbers_each_time():
    """Let `torch.rand` of a test give what it gave before: a failure can be seen again."""
    torch.manual_seed(0)

"""What the tests of ``first_difference`` share."""

import pytest

from tests.book.difference.models import image_models


@pytest.fixture
def image():
    return image_models()

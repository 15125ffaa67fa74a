"""The tests, in the rooms of the package: ``tests/<room>/test_<module>.py`` tests one module.

``repository`` holds the rules that span rooms: all notebooks, all exercises, the rooms themselves.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]

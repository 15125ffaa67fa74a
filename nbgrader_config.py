"""How nbgrader takes the book's exercises; see grading.md. It is read where nbgrader is started."""

import os

from nbconvert.preprocessors import TagRemovePreprocessor

from diptych.warm.quiet import QUIET

c = get_config()  # noqa: F821 (nbgrader hands it to this file)

# Kernels inherit these. nbgrader gives no points for a check that writes to stderr.
os.environ.update(QUIET)

# solutions/activations/ is the assignment "activations". exercises/ cannot be the release:
# --force would rewrite it with its outputs cleared.
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"
# Beside each notebook lies its source, with the answers in it; nbgrader would hand it out.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]

# "Why" cells comment on the answers; the builder leaves them out of exercises/, too.
c.GenerateAssignment.preprocessors.prepend([TagRemovePreprocessor])
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}

# Seconds for one cell: the first to import the frameworks takes ten on a slow machine.
c.Execute.timeout = 60

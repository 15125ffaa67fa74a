"""What a notebook may import in the child, and how its errors are described."""

import pytest

import diptych
from diptych.isolation import child

# These import the components, which no child may hold.
COMPONENTS = {"check", "copy_weights", "first_difference", "progress"}


@pytest.mark.parametrize("name", sorted({*diptych.__all__} - COMPONENTS))
def test_what_chapters_call_may_be_imported_in_a_graded_notebook(name):
    value = getattr(diptych, name)
    child._refuse(getattr(value, "__module__", value.__name__))


def test_an_error_does_not_tell_the_folder_which_is_another_each_time(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    fault = child._fault(FileNotFoundError(2, "No such file", f"{tmp_path}/w.npy"))
    assert fault["message"] == "[Errno 2] No such file: '~/w.npy'"


def test_tensorflow_makes_no_function_around_an_operation(monkeypatch):
    """The setting is not public: if TensorFlow no longer uses it, children get slow again."""
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import context

    said, set_wrapped = [], getattr(pywrap_tfe, child.OPERATIONS_AS_FUNCTIONS)

    def hear(options, wrapped):
        said.append(wrapped)
        set_wrapped(options, wrapped)

    monkeypatch.setattr(pywrap_tfe, child.OPERATIONS_AS_FUNCTIONS, hear)
    child._run_operations_directly()
    context.Context().ensure_initialized()
    assert said == [False]

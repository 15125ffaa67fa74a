"""A child gets no secrets from the instructor's environment."""

import os
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.isolation import place, run, steps
from diptych.warm import identity

if sys.platform != "linux":
    pytest.skip("grading needs the warm server, which needs Linux", allow_module_level=True)

LIMITS = steps.Limits(seconds=4.0, memory=300)


SECRET = "a-token-of-the-instructor"
LOOKS = f"""import os
seen = open('/proc/self/environ').read() + str(dict(os.environ))
assert {SECRET!r} not in seen, seen
"""
NAMES = (
    *("HOMEBREW_GITHUB_API_TOKEN", "TF_TOKEN_app_terraform_io", "TF_VAR_password", "CUDA_TOKEN"),
    *("PYTHON_KEYRING_PASSWORD", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "GITHUB_TOKEN", "USER"),
    *("SSH_AUTH_SOCK", "JPY_API_TOKEN", "DIPTYCH_SEED", "KERAS_HOME", "TORCH_HOME", "HOME"),
    *(f"{name}_TOKEN" for name in sorted(identity.IMPORT_VARIABLES | {*place.KEPT})),
)


def test_a_child_sees_no_secret_of_the_environment(monkeypatch, tmp_path):
    for name in NAMES:
        monkeypatch.setenv(name, SECRET)
    with place.place(tmp_path, isolation="none", seconds=100) as unsafe:
        done = run.run([LOOKS], {}, unsafe, LIMITS, threading.Event())
    assert done.notes == {1: []} and not done.ended


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcd0123456789", min_size=1)
shared = st.sampled_from(sorted(identity.IMPORT_VARIABLES | {*place.KEPT}))


@given(names | st.tuples(shared, names).map("".join) | st.tuples(names, shared).map("".join))
def test_no_name_but_those_of_the_list_is_kept(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, SECRET)
        kept = place._kept()
        assert identity.import_environment(os.environ).keys() <= (
            identity.IMPORT_VARIABLES | identity.QUIET.keys()
        )
    assert kept.keys() <= {*place.KEPT}
    assert name in place.KEPT or SECRET not in kept.values()

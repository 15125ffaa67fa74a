"""The filter of the atlas hides what does not match its address."""

import pytest

from diptych.catalogue import atlas
from diptych.catalogue.component import find


@pytest.fixture
def filtered(visit, url):
    """Open the atlas with a query in its address, and read what is left of it."""
    with visit(390) as page:

        def filtered(query: str) -> list[str]:
            page.goto(f"{url}atlas.html?{query}")
            return names(page)

        yield filtered


def names(page) -> list[str]:
    """The components that are shown, and the names that are left out and shown."""
    return page.eval_on_selector_all(
        ".components .name, .left-out code",
        "names => names.filter(n => n.checkVisibility()).map(n => n.textContent)",
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=LEAKYRELU", "Leaky ReLU"),
        ("q=ＬｅａｋｙＲｅＬＵ", "Leaky ReLU"),
        ("q=修正线性单元", "ReLU"),
        ("q=tf.nn.relu6", "ReLU6"),
        ("q=F.leaky_relu(x, 0.1)", "Leaky ReLU"),
        ("q=MaxPool2D", "Max pooling"),
        ("q=GlobalAvgPool2D", "Global average pooling"),
        ("q=keras.losses.mse", "Mean squared error"),
        ("q=keras.regularizers.l2", "L2 penalty"),
        ("q=max_norm", "Maximum norm"),
        ("q=tf.nn.swish", "SiLU (swish)"),
        (f"q={find('relu').behaviour['dying']}", "ReLU"),
        ("q=top_k", "tf.nn.top_k"),
        ("q=gradient clipping", "torch.nn.utils"),
        ("family=activations&status=bridged", "Squareplus"),
        ("family=layers&q=relu", "ReLU"),
    ],
)
def test_the_atlas_is_filtered_by_what_stands_in_its_address(filtered, query, found):
    left = filtered(query)
    assert (found in left) == (query != "family=layers&q=relu")
    assert len(left) < 60


def test_family_and_status_narrow_the_atlas_to_the_rows_of_the_catalogue(filtered):
    rows = atlas.rows()
    for row_of, query in [
        (lambda row: row["family"] == "losses", "family=losses"),
        (lambda row: row["status"] == "removed", "status=removed"),
        (lambda row: row["status"] == "bridged", "status=bridged"),
    ]:
        assert filtered(query) == [row["name"] for row in rows if row_of(row)]
    assert filtered("status=left out") == [row["id"] for row in rows if "reason" in row]


def test_what_is_chosen_stands_in_the_address_and_is_counted(visit, url):
    with visit() as page:
        page.goto(url + "atlas.html")
        whole = names(page)
        components = sum(1 for row in atlas.rows() if "reason" not in row)
        left_out = len(whole) - components
        status = page.locator("#filter [role=status]")
        assert status.inner_text() == (
            f"{components} of {components} components, {left_out} of {left_out} names left out"
        )
        page.get_by_role("searchbox", name="Find").fill("relu")
        page.get_by_role("combobox", name="Family").select_option("activations")
        page.get_by_role("combobox", name="Status").select_option("bridged")
        assert page.evaluate("location.search") == "?q=relu&family=activations&status=bridged"
        asked = [row for row in atlas.find(atlas.rows(), "relu") if row["status"] == "bridged"]
        assert names(page) == [row["name"] for row in asked if row["family"] == "activations"]
        count = f"{len(names(page))} of {components} components, 0 of {left_out} names left out"
        assert status.inner_text() == count
        page.get_by_role("searchbox", name="Find").fill("")
        page.get_by_role("combobox", name="Family").select_option("all")
        page.get_by_role("combobox", name="Status").select_option("any")
        assert page.evaluate("location.search") == ""
        assert names(page) == whole


def test_the_filter_shows_only_the_matching_names_of_what_is_left_out(filtered):
    assert filtered("q=keras.layers.Random&status=left out") == [
        row["id"] for row in atlas.rows() if "reason" in row and "layers.Random" in row["id"]
    ]

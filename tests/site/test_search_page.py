"""What a reader finds who types into the search."""

from itertools import chain

import pytest

TYPE = """queries => queries.map(query => {
    const field = document.querySelector(".bd-search-container [name=q]");
    field.value = query;
    field.dispatchEvent(new Event("input"));
    return document.querySelector(".hits a").getAttribute("href");
})"""
FIRST = {
    "Leaky": "chapters/activations/rectifiers.html#leaky-relu",
    "nn.LeakyReLU": "chapters/activations/rectifiers.html#leaky-relu",
    "LeakyReLU": "chapters/activations/rectifiers.html#leaky-relu",
    "激活": "chapters/activations/rectifiers.html#activation-forms",
    "修正": "chapters/activations/rectifiers.html#relu",
    "标准化": "chapters/layers/normalization.html#batch-norm",
    "from_logits": "chapters/activations/softmaxes.html",
    "dead relu": "chapters/activations/rectifiers.html",
    "dying relu": "chapters/activations/rectifiers.html#cell-dying",
    "hard sigmoid": "chapters/activations/sigmoids.html#hard-sigmoid",
    "tf.nn.silu": "chapters/activations/gates.html#silu",
    "F.leaky_relu(x, 0.1)": "chapters/activations/rectifiers.html#leaky-relu",
    "loss.backward()": "chapters/start/two_frameworks.html#gradients",
    "how do I seed it": "chapters/start/two_frameworks.html#seeds",
    "ｓｗｉｓｈ": "chapters/activations/gates.html#silu",
    "MaxPool2D": "chapters/layers/pooling.html#max-pooling",
    "keras.losses.mse": "chapters/losses/regression.html#mean-squared-error",
    "gradient clipping": "chapters/regularizers/regularized_training.html#cell-clip-tf",
    "clip_grad_norm_": "chapters/regularizers/regularized_training.html#clipnorm-clips-each-"
    "variable-alone-global-clipnorm-is-pytorch-s-clip-grad-norm",
    "DataParallel": "atlas.html?q=torch.nn.DataParallel",  # with the reason
}


@pytest.mark.parametrize("query", FIRST)
def test_the_first_hit_is_the_place_that_a_reader_looks_for(visit, url, query):
    with visit() as page:
        page.goto(url + "search.html")
        (hit,) = page.evaluate(TYPE, [query])
        assert hit == FIRST[query] or hit.split("#")[0] == FIRST[query]


def test_every_name_of_the_atlas_leads_to_a_component_that_has_it(visit, url, index):
    owners = {}
    for _, _, _, address, groups in index["names"]:
        for symbol in chain(*groups):
            owners.setdefault(symbol.lower(), set()).add(address)
    assert len(owners) > 700
    with visit() as page:
        page.goto(url + "search.html")
        first = zip(owners, page.evaluate(TYPE, [*owners]), strict=True)
        assert [(symbol, hit) for symbol, hit in first if hit not in owners[symbol]] == []


def test_chapters_stand_before_exercises_and_those_before_solutions(visit, url):
    with visit() as page:
        page.goto(url + "search.html?q=slope")
        page.get_by_role("button", name="Show all").click()
        hits = page.eval_on_selector_all(".hits a", "all => all.map(a => a.getAttribute('href'))")
    kinds = [hit.split("/")[0] for hit in hits]
    order = ["chapters", "exercises", "solutions"]
    found = [kind for kind in kinds if kind in order]
    assert set(found) == set(order)
    assert found == sorted(found, key=order.index)


def test_a_section_that_has_all_words_stands_alone_and_one_that_has_some_is_announced(visit, url):
    with visit() as page:
        status = page.locator("#search-results [role=status]")
        page.goto(url + "search.html?q=sparsemax+keras")
        assert "some of these words" not in status.inner_text()
        page.goto(url + "search.html?q=sparsemax+nonsense")
        assert status.inner_text().endswith("with some of these words")
        page.goto(url + "search.html?q=nonsense")
        assert status.inner_text() == "0 names, 0 sections"


def test_what_is_typed_stands_in_the_address_and_is_searched_when_it_is_opened(visit, url):
    with visit() as page:
        page.goto(url + "search.html?framework=both")
        page.locator(".bd-search-container [name=q]").fill("修正")
        assert page.evaluate("location.search") == "?framework=both&q=%E4%BF%AE%E6%AD%A3"
        page.reload()
        assert page.locator(".hits a").first.inner_text() == "ReLU"
        page.locator(".bd-search-container [name=q]").fill("")
        assert page.evaluate("location.search") == "?framework=both"
        assert page.locator(".hits li").count() == 0


def test_a_hit_names_both_frameworks_calls_and_its_chapter(visit, url):
    with visit(390) as page:
        page.goto(url + "search.html?q=keras.layers.LeakyReLU")
        hit = page.locator(".hits li").first
        codes = hit.locator("code").all_inner_texts()
        assert codes == ["torch.nn.LeakyReLU", "keras.layers.LeakyReLU", "tf.nn.leaky_relu"]
        assert hit.locator(".where").inner_text() == "Rectifiers"


def test_the_search_field_of_every_page_leads_to_the_results(visit, url):
    with visit() as page:
        page.goto(url + "chapters/activations/gates.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("softsign")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=softsign*")
        page.locator(".hits a").first.click()
        page.wait_for_url("**/chapters/activations/sigmoids.html*#softsign")


def test_long_lists_show_their_beginning_and_lead_to_the_rest(visit, url):
    with visit() as page:
        page.goto(url + "search.html?q=relu")
        before = page.locator(".hits li").count()
        page.get_by_role("button", name="Show all").click()
        assert page.locator(".hits li").count() > before
        page.get_by_role("link", name="names in the atlas").click()
        page.wait_for_url("**/atlas.html?q=relu*")


def test_a_site_that_was_opened_from_a_file_is_searched_like_one_that_is_served(visit, site):
    with visit() as page:
        problems = []
        page.on("console", lambda m: m.type == "error" and problems.append(m.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"file://{site}/search.html")
        page.locator(".bd-search-container [name=q]").fill("标准化")
        assert page.evaluate("location.search") == "?q=%E6%A0%87%E5%87%86%E5%8C%96"
        page.locator(".hits a").first.click()
        page.wait_for_url("**/normalization.html*#batch-norm")
        assert problems == []

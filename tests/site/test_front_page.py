"""The front page shows a pair of a chapter."""

import json

from tests import ROOT


def test_the_front_page_shows_a_pair_of_a_chapter_in_its_first_screen(visit, url):
    notebook = json.loads((ROOT / "chapters/activations/rectifiers.ipynb").read_text())
    with visit(1440) as page:
        page.goto(url + "chapters/activations/rectifiers.html")
        pairs = page.eval_on_selector_all(".diptych", "all => all.map(pair => pair.innerText)")
        page.goto(url + "index.html")
        pair = page.locator(".diptych")
        assert pair.count() == 1
        assert pair.inner_text() in pairs
        box = pair.bounding_box()
        assert box["y"] + box["height"] < 900
        for panel in ("pytorch", "tensorflow"):
            source = pair.locator(f".panel-{panel} .cell_input").inner_text().strip()
            printed = pair.locator(f".panel-{panel} .cell_output").inner_text().strip()
            (cell,) = [c for c in notebook["cells"] if "".join(c["source"]) == source]
            assert cell["metadata"]["tags"] == [panel]
            assert "".join(cell["outputs"][0]["text"]).strip() == printed
        doors = page.locator(".doors > ul > li")
        assert [door.get_by_role("link").first.inner_text() for door in doors.all()] == [
            "Read", "Learn", "Teach"
        ]  # fmt: skip
        assert all(door.bounding_box()["y"] < 900 for door in doors.all())

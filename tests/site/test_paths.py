"""The page of the paths leads through each of them."""

from diptych.learning import path_list, paths


def test_the_page_of_the_paths_leads_through_each_of_them(parse):
    sections = parse("paths.html").select("section section")
    titles = [section.h2.find(string=True) for section in sections]
    assert titles == [path.title for path in paths.PATHS.values()]
    for section, path in zip(sections, paths.PATHS.values(), strict=True):
        items = section.select("li")
        for item, step in zip(items, path.steps, strict=True):
            assert [a["href"] for a in item("a")] == [
                f"{folder}/{step.chapter}.html" for folder in ("chapters", "exercises")
            ]
            assert [c.text for c in item("code")][-len(step.exercises) :] == [*step.exercises]


def test_the_page_of_the_paths_says_how_the_minutes_are_counted(parse):
    words, lines, minutes = path_list.WORDS, path_list.LINES, path_list.EXERCISE
    text = " ".join(parse("paths.html").select_one(".bd-article").text.split())
    assert f"{words} words of text or {lines} lines of code take a minute" in text
    assert f"an exercise takes {minutes} minutes" in text

"""What the search reads of a page."""

from docutils import nodes
from docutils.utils import new_document

from diptych.site import sections


def section(title, *children, names=()):
    made = nodes.section("", nodes.title("", title), *children, names=[*names])
    made["ids"] = [title.lower().replace(" ", "-")]
    return made


def paragraph(text, **attributes):
    return nodes.paragraph("", text, **attributes)


def test_a_page_is_read_section_by_section_with_the_headings_above():
    document = new_document("page")
    document += section(
        "Page", paragraph("About."), section("One", paragraph("First."), section("Deep"))
    )
    read = [(s.anchor, s.headings, s.lead, s.text) for s in sections.sections(document)]
    assert read == [
        ("", ("Page",), "About.", "\nAbout."),
        ("one", ("Page", "One"), "First.", "\nFirst."),
        ("deep", ("Page", "One", "Deep"), "", ""),
    ]


def test_the_anchor_that_an_author_gave_stands_before_the_one_made_from_the_heading():
    document = new_document("page")
    one = section("One", names=["given"])
    document += section("Page", one)
    one["ids"].append("given")
    document.note_implicit_target(one)
    document.nameids["given"], document.nametypes["given"] = "given", True
    assert [found.anchor for found in sections.sections(document)] == ["", "given"]


def test_buttons_formulas_folded_code_and_colours_are_not_read():
    source = nodes.container("", nodes.literal_block("", "plot()"), nb_element="cell_code_source")
    output = nodes.container("", nodes.literal_block("", "\x1b[1mshown\x1b[0m"))
    formula = nodes.paragraph("", "", nodes.Text("Here "), nodes.math("", "\\alpha"))
    document = new_document("page")
    document += section(
        "Page",
        formula,
        paragraph("PyTorch", classes=["panel-title"]),
        nodes.raw("", "<button>TensorFlow</button>", format="html"),
        nodes.container("", source, output, hide_mode="input"),
    )
    (page,) = sections.sections(document)
    assert page.text.split() == ["Here", "…", "shown"]
    assert page.lead == "Here …"


def output(**forms):
    """An output of a cell, in the forms in which the notebook stores it."""
    boxes = [
        nodes.container("", nodes.literal_block("", text), mime_type=form.replace("_", "/"))
        for form, text in forms.items()
    ]
    return nodes.container("", *boxes, nb_element="mime_bundle")


def test_an_output_in_several_forms_is_read_once_and_a_figure_not_at_all():
    assert sections.text_of(output(text_html="0.5 points", text_plain="0.5")) == "0.5"
    assert sections.text_of(output(image_svg="<svg>", text_plain="<Figure size 640x480>")) == ""
    assert sections.text_of(output(text_html="points")) == ""


def test_lines_that_a_tag_parts_are_two_words():
    line = nodes.paragraph("", "", nodes.Text("nn.ReLU"), nodes.raw("", "<br>", format="html"))
    line += nodes.Text("F.relu")
    assert sections.text_of(line).split() == ["nn.ReLU", "F.relu"]

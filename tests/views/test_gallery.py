"""Every lesson has its place in the gallery."""

from streamlit.testing.v1 import AppTest

from landscapes.lessons import LESSONS


def script() -> None:
    from landscapes.views.pages import gallery

    gallery.page(None)  # type: ignore[arg-type]  # no lesson is opened


def test_gallery_shows_each_lesson_with_its_question_and_permalink():
    page = AppTest.from_function(script).run()
    assert not page.exception
    assert [header.value for header in page.header] == [lesson.title for lesson in LESSONS.values()]
    texts = [text.value for text in page.markdown]
    for name, lesson in LESSONS.items():
        assert {*lesson.sentences, f"*{lesson.question}*"} <= {*texts}
        assert f"Permalink: `/?lesson={name}`" in [caption.value for caption in page.caption]
    assert [button.key for button in page.button] == [f"open {name}" for name in LESSONS]

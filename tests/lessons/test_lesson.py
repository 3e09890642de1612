"""The texts of every lesson have their form."""

import pytest

from landscapes.lessons import LESSONS


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_has_a_title_three_sentences_and_a_question(lesson):
    assert lesson.title[-1] not in ".?!"
    assert len(lesson.sentences) == 3
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in lesson.sentences)
    assert lesson.question.endswith("?")

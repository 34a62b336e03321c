"""An edited text says what is wanted, and the comments of what is not touched are where they were."""

from hypothesis import given
from yaml_texts import beside, edited_texts, parts

from iamctl.manifests.spans import spans
from iamctl.manifests.splice import splice


@given(edited_texts())
def test_an_edited_text_says_what_is_wanted_and_keeps_comments(case):
    text, root, wanted, comments = case
    assert spans(text).raw == root
    edited = splice(text, wanted)

    assert spans(edited).raw == wanted
    untouched = [*parts(wanted)]
    for told, comment in comments.items():
        if comment.about in untouched:
            assert beside(told, edited) == beside(told, text), edited

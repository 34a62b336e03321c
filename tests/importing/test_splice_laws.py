"""An edited text says what is wanted, and the comments of what is not touched are where they were."""

from hypothesis import given
from yaml_texts import edited_texts, parts

from iamctl.manifests.spans import spans
from iamctl.manifests.splice import splice


@given(edited_texts())
def test_an_edited_text_says_what_is_wanted_and_keeps_comments(case):
    text, root, wanted, comments = case
    assert spans(text).raw == root
    edited = splice(text, wanted)

    assert spans(edited).raw == wanted
    lines, untouched = edited.splitlines(), [*parts(wanted)]
    for told, comment in comments.items():
        if comment.about in untouched:
            found = [number for number, line in enumerate(lines) if told in line]
            assert len(found) == 1, (told, edited)
            number = found[0]
            while comment.is_above and lines[number].lstrip().startswith("#"):
                number += 1
            assert comment.head in lines[number], (told, edited)

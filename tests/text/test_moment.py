"""A day begins and ends in UTC; a time is the moment that it names."""

from datetime import UTC, datetime

import pytest

from iamctl.text.moment import end_of, start_of


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-12-31", datetime(2026, 12, 31, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, 999999, UTC)),
        ("2026-12-31T18:00:00+01:00", datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)),
        ("2026-12-31T18:00:00Z", datetime(2026, 12, 31, 18, tzinfo=UTC), datetime(2026, 12, 31, 18, tzinfo=UTC)),
    ],
)
def test_a_day_ends_with_its_last_microsecond_and_a_time_at_once(text, start, end):
    assert (start_of(text), end_of(text)) == (start, end)
    assert (start_of(text).tzinfo, end_of(text).tzinfo) == (UTC, UTC)


def test_a_time_without_an_offset_is_in_utc_and_is_no_end():
    assert start_of("2026-12-31T18:00:00") == datetime(2026, 12, 31, 18, tzinfo=UTC)
    with pytest.raises(ValueError, match="2026-12-31T18:00:00"):
        end_of("2026-12-31T18:00:00")


@pytest.mark.parametrize(
    ("text", "error"), [("2026-13-01", ValueError), ("soon", ValueError), ("9999-12-31", OverflowError)]
)
def test_what_is_no_moment_has_no_end(text, error):
    with pytest.raises(error):
        end_of(text)

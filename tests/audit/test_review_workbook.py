"""``iamctl review`` with Excel workbooks: cells are text, and what reviewers fill in is read back."""

import csv
import io
import sys
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from iamctl.comparison.reviewed import DECIDED, FIXED
from iamctl.render import xlsx
from iamctl.terminal import show

KEEP = ("keep", "erin", "2026-11-30", "")
SHEET = "xl/worksheets/sheet1.xml"


def cells(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def part(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def filled(data, decide=lambda key: KEEP):
    """Return a workbook as a spreadsheet saves it after people have filled it in."""
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = workbook.add_worksheet("Tabelle1")
    dated = workbook.add_format({"num_format": "yyyy-mm-dd"})
    in_rows = False
    for number, row in enumerate(cells(data)):
        told = [*row[: len(FIXED)], *decide(row[0])] if in_rows else row
        in_rows = in_rows or row[0] == "key"
        for place, value in enumerate(told):
            write = sheet.write_string if isinstance(value, str) else sheet.write
            write(number, place, value, *([dated] if isinstance(value, (date, datetime)) else []))
    workbook.close()
    return file.getvalue()


@pytest.fixture
def decided(review, tmp_path):
    """Return a function that fills the export in, checks it, and returns the code and what was printed."""

    def run(decide=lambda key: KEEP):
        (tmp_path / "review.xlsx").write_bytes(filled(review("export", "--format", "xlsx")[1], decide))
        return review("check", "review.xlsx")

    return run


def test_a_workbook_has_what_csv_has(review):
    _, text = review("export")
    _, data = review("export", "--format", "xlsx")

    assert [[cell.removeprefix("'") for cell in row if cell] for row in csv.reader(io.StringIO(text))] == [
        [cell.removeprefix("'") for cell in row if cell] for row in cells(data)
    ]


def test_every_cell_is_text_and_none_a_formula(review):
    _, data = review("export", "--format", "xlsx")
    sheet, styles = part(data, SHEET), part(data, "xl/styles.xml")

    assert "=1+1" in [cell for row in cells(data) for cell in row]
    assert "<f>" not in sheet
    assert sheet.count("<c ") == sheet.count(' t="s"')
    assert 'numFmtId="49"' in styles
    assert 'quotePrefix="1"' in styles


def test_only_what_reviewers_fill_in_can_be_edited(review):
    _, data = review("export", "--format", "xlsx")
    sheet, styles = part(data, SHEET), part(data, "xl/styles.xml")

    assert "<sheetProtection " in sheet
    assert styles.count('locked="0"') == 1
    assert "keep,change,revoke,defer,except" in sheet


def test_a_filled_in_workbook_passes(decided):
    code, out = decided(lambda key: ("Revoke", "erin", "2026-11-30", "OPS-12") if "devs" in key else KEEP)

    assert code == 0, out
    assert "6 rows = 5 kept + 0 changed + 1 revoked + 0 deferred + 0 excepted\n" in out
    assert "  remove =bob from memberships.devs  (OPS-12)\n" in out


def test_dates_and_numbers_of_a_spreadsheet_count_as_what_it_shows(decided):
    code, out = decided(lambda _: ("revoke", "erin", date(2026, 11, 30), 4711))

    assert code == 0, out
    assert "  removed: [user/carol]  (4711)\n" in out


def test_an_incomplete_row_of_a_workbook_is_refused(decided):
    code, out = decided(lambda key: ("", "", "", "") if key == "user/alice" else KEEP)

    assert code == 3
    assert "  user/alice: no decision" in out


def test_an_altered_cell_of_a_workbook_is_noticed(review, tmp_path):
    data = filled(review("export", "--format", "xlsx")[1])
    text = part(data, "xl/sharedStrings.xml")
    assert "admins devs" in text
    altered = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(altered, "w") as after:
        for info in before.infolist():
            after.writestr(info, before.read(info).replace(b"admins devs", b"devs"))
    (tmp_path / "review.xlsx").write_bytes(altered.getvalue())

    code, out = review("check", "review.xlsx")

    assert code == 3
    assert "the population differs from its digest" in out


def test_the_last_review_may_be_a_workbook(review, tmp_path):
    (tmp_path / "last.xlsx").write_bytes(filled(review("export", "--format", "xlsx")[1]))

    _, out = review("export", "--previous", "last.xlsx")

    assert out.count(",same,") == 6


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 99])
def test_a_damaged_workbook_is_an_error(review, tmp_path, data):
    (tmp_path / "review.xlsx").write_bytes(data)

    assert review("check", "review.xlsx")[0] == 1
    assert "review.xlsx: the workbook cannot be read" in review.error


def test_a_workbook_that_unpacks_to_too_much_is_an_error(review, tmp_path, monkeypatch):
    (tmp_path / "review.xlsx").write_bytes(review("export", "--format", "xlsx")[1])
    monkeypatch.setattr(xlsx, "_MOST_UNPACKED", 1000)

    assert review("check", "review.xlsx")[0] == 1
    assert "unpacked" in review.error


@pytest.mark.parametrize("words", [("export", "--format", "xlsx"), ("check", "review.xlsx")])
def test_without_the_extra_the_error_names_it(review, tmp_path, monkeypatch, words):
    (tmp_path / "review.xlsx").write_bytes(review("export", "--format", "xlsx")[1])
    for module in ("xlsxwriter", "python_calamine"):
        monkeypatch.setitem(sys.modules, module, None)

    assert review(*words)[0] == 1
    assert "install iamctl with the extra 'review'" in review.error


def test_a_workbook_is_not_printed_on_a_terminal(review, monkeypatch):
    monkeypatch.setattr(show.sys.stdout, "isatty", lambda: True)

    assert review("export", "--format", "xlsx") == (64, "")
    assert "> review.xlsx" in review.error


def test_the_columns_of_reviewers_are_the_last(review):
    _, data = review("export", "--format", "xlsx")

    assert (*FIXED, *DECIDED) in map(tuple, cells(data))

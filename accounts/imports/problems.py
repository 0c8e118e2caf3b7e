"""Why a file or a row was not taken: codes in the database, words in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ROW_REASONS: dict[str, _StrPromise] = {
    "columns": _("The row has another number of columns than the header."),
    "quotes": _("A quotation mark is out of place."),
    "nul": _("The row holds a NUL byte."),
    "layout": _("The row does not have the five parts of this layout."),
    "customer_missing": _("No customer is named."),
    "customer_ambiguous": _("Several customers have this name."),
    "customer_disagrees": _("The customer number and the customer name belong to two different customers."),
    "too_long": _("The text is too long."),
    "date_missing": _("The date is missing."),
    "bad_date": _("This is no date in the chosen style."),
    "before_1970": _("The order is dated before 1970."),
    "future": _("The order is dated in the future."),
    "delivered_before_ordered": _("Delivered before it was ordered."),
    "amount_missing": _("The amount is missing."),
    "bad_number": _("This is no number in the chosen style."),
    "too_large": _("The number is larger than an order can have."),
    "bad_currency": _("This is no currency code, such as CNY or EUR."),
    "rate_missing": _("There is no exchange rate for this currency."),
    "bad_rate": _("The exchange rate must be above zero."),
    "rate_too_large": _("The exchange rate is too large."),
    "number_disagrees": _("Rows with this order number differ in customer, date or currency."),
    "order_incomplete": _("Another row of this order was refused, so the order was not taken."),
    "customer_unknown": _("No customer has this number or name."),
    "used_before_1970": _("The activity is dated before 1970."),
    "used_in_future": _("The activity is dated in the future."),
    "activity_missing": _("No activity is named."),
    "activity_unknown": _("No activity has this code or name. Add it under Cost activities."),
    "activity_not_in_use": _("This activity is no longer in use."),
    "activity_rate_missing": _("The activity has no rate on this day. Set one under Cost activities."),
    "quantity_missing": _("The quantity is missing."),
    "quantity_not_positive": _("The quantity must be above zero."),
    "quantity_too_large": _("The quantity is larger than a usage can have."),
    "cost_too_large": _("The cost, quantity times rate, is larger than a usage can have."),
    "project_unknown": _("This customer has no project with this name."),
    "reference_disagrees": _(
        "Rows with this reference number and activity differ in customer, date or project."
    ),
    "reference_taken": _("This reference number and activity belong to a usage of another customer."),
    "usage_incomplete": _(
        "Another row with this reference number and activity was refused, so this one was not taken either."
    ),
}

FILE_PROBLEMS: dict[str, _StrPromise] = {
    "empty": _("The file is empty."),
    "only_header": _("The file has a header but no rows."),
    "not_text": _("This is not a text file. Save the sheet as CSV and upload that."),
    "encoding": _("From line {line} on the file cannot be read as {value}. Choose another encoding."),
    "line_too_long": _("Line {line} is longer than {value} characters. The file is probably not a table."),
    "quotes": _("A quotation mark that is opened in line {line} is never closed."),
    "too_many_columns": _("The file has {value} columns; at most 200 can be read."),
    "mapping": _("No column is chosen for: {value}."),
    "too_big": _("The file is larger than {value} MB."),
    "file_gone": _("The uploaded file is no longer there. Upload it again."),
    "rows_refused": _("Rows were refused, and you asked to take all rows or none. Nothing was taken."),
    "gave_up": _("The import was interrupted too often. Nothing was taken. Start it again."),
    "no_preview": _("The rows cannot be shown because of an error in the program. Discard the file."),
    "internal": _("The import stopped because of an error in the program. Nothing was taken."),
}


class BadFileError(Exception):
    """The file as a whole cannot be taken; ``code`` is a key of FILE_PROBLEMS."""

    def __init__(self, code: str, *, line: int = 0, value: str = "") -> None:
        super().__init__(f"{code} line={line} value={value}")
        self.code, self.line, self.value = code, line, value

    @property
    def stored(self) -> str:
        """One line for Import.error, read back by `file_problem`."""
        return f"{self.code}|{self.line}|{self.value}"


def row_reason(code: str) -> str:
    """The reason in the active language; an unknown code is shown as it is."""
    return str(ROW_REASONS.get(code, code))


def file_problem(stored: str) -> str:
    """What Import.error says, in the active language."""
    code, line, value = [*stored.split("|", 2), "", ""][:3]
    words = str(FILE_PROBLEMS.get(code, gettext("The import failed.")))
    return words.format(line=line, value=value)

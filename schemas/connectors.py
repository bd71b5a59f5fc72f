"""How a source is pulled: one class per connector, told apart by `type`. No addresses, no secrets.

Where a source lives and how to authenticate (URLs, folders, tokens) is in the settings of the
home (schemas.settings), never here: a declaration can be published. Unknown keys are refused.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.organisation import Frozen


class HttpJson(Frozen):
    """Paged JSON over HTTP; the cursor is the greatest `updated_field` seen."""

    type: Literal["http_json"]
    path: str
    rows: str = "items"  # dotted path to the list of rows in a page
    page_parameter: str = "page"
    size_parameter: str = "page_size"
    page_size: int = Field(default=500, ge=1, le=10_000)
    since_parameter: str | None = "updated_since"
    updated_field: str | None = None
    overlap_minutes: int = Field(default=120, ge=0)
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "


class Open311(Frozen):
    """A GeoReport v2 server, JSON or XML; windows of at most 90 days, ids swept once."""

    type: Literal["open311"]
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str | None = None
    window_days: int = Field(default=30, ge=1, le=90)
    overlap_hours: int = Field(default=24, ge=0)
    updates: bool = True  # ask for servicerequestupdates (extension)


class Workbook(Frozen):
    """Files dropped into a folder: xlsx or csv, one file per reporting unit and period.

    `name` is a regular expression over the file name with the groups `unit` and `period`, or
    neither for a source that reports alone.
    """

    type: Literal["workbook"]
    name: str
    sheet: str | int = 0
    header_line: int = Field(default=1, ge=1)
    nil_marker: str = "零报告"  # a cell that declares a nil return


class Table(Frozen):
    """Rows of a database view, read only, by a cursor column that grows."""

    type: Literal["table"]
    view: str
    cursor_column: str
    order_column: str
    batch_rows: int = Field(default=50_000, ge=1)
    overlap_minutes: int = Field(default=120, ge=0)  # for a cursor that is a time


Connector = Annotated[HttpJson | Open311 | Workbook | Table, Field(discriminator="type")]

"""How a source is pulled: one class per connector, told apart by `type`. No addresses, no secrets.

Where a source lives and how to authenticate (URLs, folders, tokens) is in the settings of the
home (schemas.settings), never here: a declaration can be published. Unknown keys are refused.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from schemas.organisation import Frozen


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern


Expression = Annotated[str, AfterValidator(_compiles)]


class Access(Frozen):
    """How a token is shown to an HTTP server: in a header, in the query, or traded for another.

    With `oauth2` the settings' token is the client's secret (RFC 6749, client credentials).
    """

    auth: Literal["header", "query", "oauth2"] = "header"
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    token_parameter: str = "api_key"
    scope: str = ""


class HttpJson(Access):
    """Paged JSON over HTTP; the cursor is the greatest `updated_field` seen."""

    type: Literal["http_json"]
    path: str
    rows: str = "items"  # dotted path to the list of rows in a page
    paging: Literal["page", "offset", "cursor", "link"] = "page"
    page_parameter: str | None = None  # None: the style's own name, or none for `link`
    size_parameter: str = "page_size"  # "": no size is asked for
    page_size: int = Field(default=500, ge=1, le=10_000)
    next_field: str | None = None  # dotted path to the next cursor or link in a page
    since_parameter: str | None = "updated_since"
    updated_field: str | None = None
    overlap_minutes: int = Field(default=120, ge=0)

    @model_validator(mode="after")
    def _next_where_it_is_needed(self) -> "HttpJson":
        if self.paging == "cursor" and not self.next_field:
            raise ValueError("paging: cursor needs next_field, where a page names the next cursor")
        if self.paging in ("page", "offset") and self.next_field:
            raise ValueError(f"paging: {self.paging} counts by itself; next_field is not for it")
        return self


class Open311(Frozen):
    """A GeoReport v2 server, JSON or XML; windows of at most 90 days, ids swept once."""

    type: Literal["open311"]
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str | None = None
    window_days: int = Field(default=30, ge=1, le=90)
    cut_rows: int = Field(default=1000, ge=2)  # rows after which the server may cut silently
    overlap_hours: int = Field(default=2, ge=0)
    catch_up_hours: int = Field(default=24, ge=0)  # overlap of the first pull of a day (UTC)
    updates: bool = True  # ask for servicerequestupdates (extension)
    repoll_ids: int = Field(default=500, ge=0)  # open ids asked again per pull, without updates


class Snapshot(Access):
    """A list that is whole each time, JSON or gzipped JSON: a URL, or files in a folder by name.

    What a later list does not name any more has not been closed by that.
    """

    type: Literal["snapshot"]
    path: str = ""  # under the settings' url
    rows: str = ""  # dotted path to the list of rows; "": the list is the whole answer
    name: str = r"\.json(\.gz)?$"  # in a folder: a regular expression over the file name


class Workbook(Frozen):
    """Files dropped into a folder: xlsx, xls, ods, csv or tsv, one per reporting unit and period.

    `name` is a regular expression over the file name with the groups `unit` and `period`, or
    neither for a source that reports alone. With `sheets` every sheet whose whole name matches is
    read and the column `_sheet` says which one a row is from (of a csv file: its name without
    suffix, as Excel names it). Rows that `not_rows` names are left out of the rows, counted and
    reported.
    """

    type: Literal["workbook"]
    name: str
    sheet: str | int = 0  # a sheet's name, or its position from 0
    sheets: Expression | None = None
    header_line: int = Field(default=1, ge=1)
    header_words: tuple[str, ...] = ()  # instead of header_line: the first line that has all these
    header_lines: int = Field(
        default=1, ge=1, le=4
    )  # lines of the heading: 整改 over 时限 is 整改/时限
    fill_merged: tuple[str, ...] = ()  # columns whose merged cell is the value of all its rows
    not_rows: tuple[Expression, ...] = ()  # a row's whole first filled cell: 合计, "注[:：].*"
    nil_marker: str = "零报告"  # a cell that declares a nil return


class Table(Frozen):
    """Rows of a database view, read only, by a cursor column that grows."""

    type: Literal["table"]
    view: str
    cursor_column: str
    order_column: str
    batch_rows: int = Field(default=50_000, ge=1)
    overlap_minutes: int = Field(default=120, ge=0)  # for a cursor that is a time


Connector = Annotated[HttpJson | Open311 | Snapshot | Workbook | Table, Field(discriminator="type")]

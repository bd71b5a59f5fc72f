"""What holds between the figures of every true bulletin: the laws that the gate asks for.

Written out here a second time, apart from what is counted (`rules.counting`): a slip there is not
repeated here. Names are those of `schemas.edition`.
"""

PLACES = (
    *("places_due", "places_checked", "self_checks_due", "self_checks_kept"),
    *("quarter_due", "quarter_checked"),
)
FILED = (  # towns', and sources' that answer for themselves
    *("submissions_owed", "submissions_in_time", "rows_received", "rows_accepted"),
    *("fields_asked", "fields_given"),
)

GAINS = ("opening", "found", "reopened", "moved_in")
LOSSES = ("closed", "rejected", "merged", "transferred", "moved_out")
# Stocks and clock facts at the end of the period: the same instant in every scope.
AT_END = (
    "closing",
    "overdue",
    "overdue_major",
    "overdue_days",
    "closures_90_days",
    "major_open",
    "major_complete",
)
PARTS = (
    ("found_closed", "found"),  # binds the cohort only: a week may close more than it found
    ("on_time", "due"),
    ("on_time_original", "due"),
    ("backdated", "due"),
    ("overdue", "closing"),
    ("overdue_major", "overdue"),
    ("overdue_major", "major_open"),
    ("major_open", "closing"),
    ("major_complete", "major_open"),
    ("reworked", "acceptances"),
    ("dispatched_in_time", "verified"),
    ("places_checked", "places_due"),
    ("self_checks_kept", "self_checks_due"),
    ("quarter_checked", "quarter_due"),
    ("submissions_in_time", "submissions_owed"),
    ("rows_accepted", "rows_received"),
    ("fields_given", "fields_asked"),
)
RATES = {
    "rectification": ("found_closed", "found"),
    "on_time": ("on_time", "due"),
    "on_time_original": ("on_time_original", "due"),
    "rework": ("reworked", "acceptances"),
    "reopen": ("reopened", "closures_90_days"),
    "five_elements": ("major_complete", "major_open"),
    "dispatch": ("dispatched_in_time", "verified"),
    "coverage": ("places_checked", "places_due"),
    "timeliness": ("submissions_in_time", "submissions_owed"),
    "overdue_share": ("overdue", "closing"),
    "self_check_coverage": ("self_checks_kept", "self_checks_due"),
    "quarterly_coverage": ("quarter_checked", "quarter_due"),
    "accepted_rows": ("rows_accepted", "rows_received"),
    "completeness": ("fields_given", "fields_asked"),
    "discovery": ("found_outside", "found"),
}
OF_SOURCES_TOO = ("timeliness", "accepted_rows", "completeness")

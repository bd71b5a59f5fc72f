"""Open311 XML as rows: one dictionary per child of the root, whatever the root is called.

`service_requests` by the specification, `requests` in the wild. Entities, external references and
document types are refused (defusedxml); nothing is ever fetched.
"""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tasks.intake.reading_json import MAX_DEPTH, Malformed

ERROR_ROOTS = ("errors", "error")


def parse_xml(content: bytes) -> Element:
    """The root element. Raises Malformed; entities and DTDs are refused, not expanded."""
    try:
        return fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Malformed(f"XML with {type(error).__name__}: entities are refused") from None
    except ParseError as error:
        line, column = error.position
        raise Malformed(f"not XML at line {line} column {column}") from None
    except (ValueError, LookupError, RecursionError) as error:
        raise Malformed(f"not readable XML ({type(error).__name__})") from None


def xml_rows(root: Element) -> list[dict[str, object]]:
    """The children of the root as nested dictionaries; a repeated tag becomes a list."""
    if local_name(root) in ERROR_ROOTS:
        raise Malformed("an error report where rows were expected")
    if local_name(root) == "html":
        raise Malformed("an HTML page where rows were expected")
    return [_row(child) for child in root]


def local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _row(element: Element) -> dict[str, object]:
    value = _value(element, 0)
    return value if isinstance(value, dict) else {local_name(element): value}


def _value(element: Element, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise Malformed(f"elements nested more than {MAX_DEPTH} deep")
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, object] = {}
    for child in element:
        name, value = local_name(child), _value(child, depth + 1)
        found[name] = _joined(found[name], value) if name in found else value
    return found


def _joined(before: object, value: object) -> list[object]:
    return [*before, value] if isinstance(before, list) else [before, value]

"""Files that are no design: each gets one plain sentence, with the place inside the file."""

import json
import tracemalloc
from typing import Any

import pytest

from app.model import edits
from app.model.compute import WebServer
from app.model.design import Design
from app.storage.codec import dump, load
from app.storage.errors import LONGEST, FileError
from app.storage.parsing import walk


def text_of(**changes: Any) -> bytes:
    """A small file with other values at the top."""
    web = {"kind": "web_server", "name": "web-1"}
    document: dict[str, Any] = {
        "format": "loadpath design",
        "version": 1,
        "name": "Shop",
        "components": {"web-1": web, "web-2": web, "cluster-1": {"kind": "cluster", "name": "c"}},
        "links": {"link-1": {"source": "web-1", "target": "web-2"}},
    }
    return json.dumps(document | changes).encode()


def component(**values: Any) -> bytes:
    """A small file whose web-1 has other values."""
    return text_of(components={"web-1": {"kind": "web_server", "name": "w"} | values}, links={})


def link(**values: Any) -> bytes:
    """A small file whose link-1 has other values."""
    return text_of(links={"link-1": {"source": "web-1", "target": "web-2"} | values})


def raw(value: str) -> bytes:
    """A small file with a piece of JSON as the capacity of web-1."""
    return component(capacity="HERE").replace(b'"HERE"', value.encode())


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


FOREIGN = 'This is not a Loadpath design: it does not say "format": "loadpath design".'
NEWER = (
    "This design was saved by a newer Loadpath (format 2; this one reads up to 1): "
    "update Loadpath to open it."
)
WHOLE = text_of()
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "blank": (b" \n", FOREIGN),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", FOREIGN),
    "a compose file": (b"services:\n  web:\n    image: nginx\n", FOREIGN),
    "other JSON": (b'{"name": "x"}', FOREIGN),
    "a list": (b'["loadpath design"]', FOREIGN),
    "another format": (text_of(format="other", name='"loadpath design"'), FOREIGN),
    "the name of the format elsewhere": (text_of(format=3, name="loadpath design"), FOREIGN),
    "UTF-16": (WHOLE.decode().encode("utf-16"), FOREIGN),
    "truncated": (WHOLE[:-20], "The file ends in line 1, before the design does: it was cut off."),
    "truncated in a text": (
        WHOLE[: WHOLE.index(b"Shop") + 2],
        "The file ends in line 1, before the design does: it was cut off.",
    ),
    "Latin-1": (
        WHOLE.replace(b"Shop", b"L\xe4den"),
        "Line 1 is no UTF-8 text: byte 0xe4 does not belong.",
    ),
    "a null byte": (
        WHOLE.replace(b"{", b"{\0", 1),
        "Line 1, column 2 is no JSON: expecting property name enclosed in double quotes.",
    ),
    "a null byte in a text": (
        WHOLE.replace(b"Shop", b"Sh\0p"),
        "Line 1, column 56 is no JSON: invalid control character at.",
    ),
    "a null character": (
        text_of(name="a\0"),
        "name: holds the character U+0000, which cannot be shown",
    ),
    "two documents": (WHOLE + b"{}", "Line 1, column 284 is no JSON: extra data."),
    "a comma too many": (
        WHOLE.replace(b'"Shop",', b'"Shop",,'),
        "Line 1, column 60 is no JSON: expecting property name enclosed in double quotes.",
    ),
    "newer": (
        text_of(version=2),
        NEWER,
    ),
    "no version": (
        WHOLE.replace(b'"version": 1, ', b""),
        "version: expected the number of a version of the format, such as 1",
    ),
    "true as a version": (
        text_of(version=True),
        "version: expected the number of a version of the format, such as 1",
    ),
    "a version below 0": (
        text_of(version=-1),
        "version: expected the number of a version of the format, such as 1",
    ),
    "a text as a version": (
        text_of(version="1"),
        "version: expected the number of a version of the format, such as 1",
    ),
    "no name": (WHOLE.replace(b'"name": "Shop", ', b""), "name: is missing"),
    "a number as a name": (text_of(name=3), "name: expected text"),
    "an unknown part": (text_of(colour="red"), "colour: a design has no such part"),
    "a list of components": (
        text_of(components=[]),
        "components: expected a table of components, found a list",
    ),
    "a text for links": (text_of(links="x"), 'links: expected a table of links, found "x"'),
    "NaN for links": (
        text_of(links="N").replace(b'"N"', b"NaN"),
        "links: expected a table of links, found NaN",
    ),
    "half a surrogate for links": (
        text_of(links="\ud800"),
        r'links: expected a table of links, found "\ud800"',
    ),
    "a key twice": (
        WHOLE.replace(b'"name": "web-1"', b'"name": "a", "name": "b"', 1),
        "components.web-1.name: this key is there twice",
    ),
    "an id twice": (
        WHOLE.replace(b'"web-2":', b'"web-1":'),
        "components.web-1: this key is there twice",
    ),
    "a part twice": (
        WHOLE.replace(b'{"format"', b'{"name": "x", "format"'),
        "name: this key is there twice",
    ),
    "keys twice inside each other": (
        component(requires={"read": "a"}).replace(
            b'"requires": {"read": "a"}', b'"requires": {"a": "b", "a": "b"}, "requires": {}'
        ),
        "components.web-1.requires: this key is there twice",
    ),
    "no kind": (
        text_of(components={"web-1": {"name": "w"}}),
        "components.web-1: the kind is missing",
    ),
    "an unknown kind": (
        component(kind="toaster"),
        'components.web-1: there is no kind of component called "toaster"',
    ),
    "a list as a kind": (
        component(kind=["x"]),
        "components.web-1: there is no kind of component called \"['x']\"",
    ),
    "a number as a component": (
        text_of(components={"web-1": 3}),
        "components.web-1: expected a table, found 3",
    ),
    "a list as a link": (
        text_of(links={"link-1": []}),
        "links.link-1: expected a table, found a list",
    ),
    "an unknown field": (component(wheels=4), "components.web-1.wheels: there is no such field"),
    "no target": (
        text_of(links={"link-1": {"source": "web-1"}}),
        "links.link-1.target: is missing",
    ),
    "a text as a port": (
        link(port="abc"),
        'links.link-1.port: expected a whole number, found "abc"',
    ),
    "digits as a port": (link(port="80"), 'links.link-1.port: expected a whole number, found "80"'),
    "half a port": (link(port=80.5), "links.link-1.port: expected a whole number, found 80.5"),
    "port 0": (link(port=0), "links.link-1.port: 0 is below 1"),
    "an endless port": (
        link(port=10**17),
        "links.link-1.port: this is not a number to reckon with",
    ),
    "an unknown role": (
        link(tls="2.0"),
        "links.link-1.tls: expected 'none', 'ssl3', '1.0', '1.1', '1.2' or '1.3', found \"2.0\"",
    ),
    "a number as a text": (
        component(description=3),
        "components.web-1.description: expected text, found 3",
    ),
    "a table as a text": (
        component(description={}),
        "components.web-1.description: expected text, found a table",
    ),
    "a number as a flag": (
        component(redirect=1),
        "components.web-1.redirect: expected true or false, found 1",
    ),
    "a text as a number": (
        component(capacity="fast"),
        'components.web-1.capacity: expected a number, found "fast"',
    ),
    "a long wrong value": (
        component(capacity="x" * 100),
        f'components.web-1.capacity: expected a number, found "{"x" * 39}…',
    ),
    "NaN": (raw("NaN"), "components.web-1.capacity: NaN is not a number to reckon with"),
    "Infinity": (
        raw("-Infinity"),
        "components.web-1.capacity: -Infinity is not a number to reckon with",
    ),
    "1e999": (raw("1e999"), "components.web-1.capacity: 1e999 is not a number to reckon with"),
    "5,000 digits": (
        raw("9" * 5_000),
        f"components.web-1.capacity: {'9' * 18}… is not a number to reckon with",
    ),
    "20 digits": (
        raw("9" * 20),
        f"components.web-1.capacity: {'9' * 18}… is not a number to reckon with",
    ),
    "half a surrogate as a field": (
        component(**{"a\ud800": 1}),
        r"components.web-1.a\ud800: holds half of a surrogate pair, which is no character",
    ),
    "half a surrogate pair": (
        component(description="\ud800"),
        "components.web-1.description: holds half of a surrogate pair, which is no character",
    ),
    "deep": (raw(deep(150)), "components.web-1.capacity: expected a number, found a list"),
    "deeper": (raw(deep(240)), "components.web-1: brackets are nested too deeply"),
    "still deeper": (
        raw(deep(600)),
        "components.web-1: brackets are nested too deeply",
    ),
    "deepest": (
        raw(deep(100_000)),
        "The file is no design: brackets are nested too deeply in it.",
    ),
    "too long a name": (
        component(name="x" * 121),
        "components.web-1.name: longer than 120 characters",
    ),
    "an empty name": (
        component(name=""),
        "components.web-1.name: must not be empty",
    ),
    "a list as a table": (
        component(requires=[]),
        "components.web-1.requires: expected a table, found a list",
    ),
    "a table as a list": (link(via={}), "links.link-1.via: expected a list, found a table"),
    "a number in a list": (link(via=["a", 3]), "links.link-1.via.1: expected text, found 3"),
    "no expression": (
        component(requires={"read": "a or"}),
        "components.web-1.requires.read: expected the id of a part at character 5",
    ),
    "no member": (
        text_of(components={"c-1": {"kind": "cluster", "name": "c", "members": ["x"]}}, links={}),
        "components.c-1.members: there is no component 'x'",
    ),
    "a link to nothing": (
        link(target="web-9"),
        "links.link-1.target: there is no component 'web-9'",
    ),
    "a place of nothing": (
        text_of(layout={"web-9": {}}),
        "layout.web-9: there is no component 'web-9'",
    ),
    "a bad id": (
        text_of(components={"Web\n1": {"kind": "web_server", "name": "w"}}, links={}),
        r"components.Web\n1: an id has small letters, digits and dashes, and begins with a letter",
    ),
    "no day": (
        text_of(waivers={"A@web-1": {"reason": "r", "until": "soon"}}),
        "waivers.A@web-1.until: 'soon' is no day, such as 2027-01-31",
    ),
    "no rule": (
        text_of(rules={"spof 4": {}}),
        "rules.spof 4: this is no id of a rule, such as SPOF004",
    ),
    "rules as a list": (text_of(rules=[]), "rules: expected a table of rules, found a list"),
    "a severity of its own": (
        text_of(rules={"SPOF004": {"severity": "awful"}}),
        (
            "rules.SPOF004.severity: expected 'default', 'critical', 'high', 'medium', 'low' or "
            "'info', found \"awful\""
        ),
    ),
    "half off": (
        text_of(rules={"SPOF004": {"off": 1}}),
        "rules.SPOF004.off: expected true or false, found 1",
    ),
    "a parameter in words": (
        text_of(rules={"SPOF016": {"parameters": {"share": "much"}}}),
        'rules.SPOF016.parameters.share: expected a number, found "much"',
    ),
    "a parameter that is no number": (
        text_of(rules={"SPOF016": {"parameters": {"share": float("nan")}}}),
        "rules.SPOF016.parameters.share: NaN is not a number to reckon with",
    ),
    "a parameter beyond measure": (
        text_of(rules={"SPOF016": {"parameters": {"share": 1e300}}}),
        "rules.SPOF016.parameters.share: this is not a number to reckon with",
    ),
    "team rules elsewhere": (
        text_of(team_rules="../rules.py"),
        (
            "team_rules: expected a Python file in the folder of the design or below it, such as "
            "rules.py"
        ),
    ),
    "team rules as a list": (text_of(team_rules=["rules.py"]), "team_rules: expected text"),
    "too large a part": (
        component(requires={"read": "a " * 600_000}),
        "components.web-1: larger than 1 MB, which no part of a design is",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_file_that_is_no_design_gets_one_plain_sentence(case: str) -> None:
    data, sentence = REFUSED[case]
    with pytest.raises(FileError) as raised:
        load(data)
    assert str(raised.value) == sentence


def test_the_place_can_be_asked_for() -> None:
    with pytest.raises(FileError) as raised:
        load(link(port="abc"))
    assert raised.value.where == "links.link-1.port"


def test_what_a_hostile_file_says_is_cut_and_made_printable() -> None:
    error = FileError("x" * 10_000, "a\x1b[2J\u202e\n")
    assert len(str(error)) < LONGEST + 50
    assert error.where == r"a\x1b[2J\u202e\n"
    assert str(error).isprintable()


def peak_of_refusing(data: bytes) -> tuple[str, float]:
    """The sentence, and the most memory that it took, in bytes of memory a byte of file."""
    tracemalloc.start()
    try:
        with pytest.raises(FileError) as raised:
            load(data)
        return str(raised.value), tracemalloc.get_traced_memory()[1] / len(data)
    finally:
        tracemalloc.stop()


MARK = b'{"format": "loadpath design", "version": 1, "name": "x", "components": '


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[]" * 25_000_000, FOREIGN),
        (b"\0" * 50_000_000, FOREIGN),
        (MARK + b"[],[" * 12_000_000, "The file holds more than 2,000,000 values"),
        (MARK + b'"' + b"x" * 49_000_000, "The file ends in line 1, before the design does"),
        (b" " * (65 << 20), "The file is larger than 64 MB, which no design is."),
    ],
    ids=["brackets", "nulls", "a design of brackets", "one endless text", "65 MB"],
)
def test_a_file_of_50_megabytes_is_refused_without_unfolding_it(data: bytes, sentence: str) -> None:
    told, ratio = peak_of_refusing(data)
    assert told.startswith(sentence)
    assert ratio < 3


def test_a_million_faults_are_one_sentence() -> None:
    links = ",".join(f'"link-{number}":{{"x":1}}' for number in range(100_000))
    told, _ = peak_of_refusing(
        text_of(links={}).replace(b'"links": {', b'"links": {' + links.encode())
    )
    assert told == "links.link-0.source: is missing"


def test_a_hundred_thousand_containers_inside_each_other_are_refused_at_once() -> None:
    parts = {
        f"site-{number}": {"kind": "site", "name": "s", "parent": f"site-{number + 1}"}
        for number in range(100_000)
    }
    parts["site-100000"] = {"kind": "site", "name": "s"}
    with pytest.raises(FileError, match="'site-0' lies in more than 20 containers"):
        load(text_of(components=parts, links={}))


def test_a_design_of_ten_thousand_parts_is_no_suspect() -> None:
    design = Design(components={f"web-{number}": WebServer(name="w") for number in range(10_000)})
    assert load(dump(design)) == design


def test_an_edit_of_what_was_read_works() -> None:
    design, key = edits.add(load(WHOLE), "database")
    assert load(dump(design)).components[key].name == key


def test_every_value_of_a_file_has_a_path() -> None:
    assert [path for path, _ in walk("", {"a": [1, {"b": 2}], "c": 3})] == [
        "", "a", "a.0", "a.1", "a.1.b", "c",
    ]  # fmt: skip

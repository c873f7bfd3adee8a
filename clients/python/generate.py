#!/usr/bin/env python3
"""Writes the generated half of the client from the OpenAPI document that the exchange makes (version 2).

    python3 generate.py http://127.0.0.1:5080/openapi/v2.json          writes models.py, operations.py, refusals.py
    python3 generate.py openapi.json --check                           exit 1 if models or operations are others
"""

from __future__ import annotations

import json
import keyword
import pathlib
import re
import sys
import textwrap
import urllib.request
from typing import Any, Dict, Iterable, List, Optional, Tuple

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE / "exchange_client"
REFUSALS = HERE.parent.parent / "docs" / "refusals.md"
HEAD = '"""{what}\n\nWritten by generate.py from the OpenAPI document of the exchange; never by hand.\n"""\n'
WIDTH = 118
#: Objects that are one value, by their members.
VALUES = {
    ("amount", "currency"): "Money", ("amount", "unit"): "Quantity", ("amount", "currency", "unit"): "Rate",
}


def snake(name: str) -> str:
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_")
    return word + "_" if keyword.iskeyword(word) else word


def value_of(schema: Dict[str, Any]) -> Optional[str]:
    return VALUES.get(tuple(sorted(schema.get("properties", {}))))


class Types:
    """What a schema is in Python."""

    def __init__(self, schemas: Dict[str, Any]) -> None:
        self.schemas = schemas

    def is_class(self, name: str) -> bool:
        schema = self.schemas[name]
        return "properties" in schema and value_of(schema) is None and not name.startswith("PageOf")

    def of(self, schema: Dict[str, Any]) -> str:
        if "$ref" in schema:
            return self.named(schema["$ref"].rsplit("/", 1)[1])
        if "oneOf" in schema:
            return f"Optional[{self.of(next(one for one in schema['oneOf'] if one.get('type') != 'null'))}]"
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        word = self.plain([kind for kind in kinds if kind != "null"], schema)
        return f"Optional[{word}]" if "null" in kinds and word != "Any" else word

    def plain(self, kinds: List[Any], schema: Dict[str, Any]) -> str:
        if "array" in kinds:
            return f"List[{self.of(schema['items']) if 'items' in schema else 'Any'}]"
        if "integer" in kinds:
            return "int"
        if "boolean" in kinds:
            return "bool"
        if "number" in kinds:
            return "Decimal"
        if "object" in kinds:
            return value_of(schema) or "Any"
        if "string" not in kinds:
            return "str" if "enum" in schema else "Any"
        said = schema.get("description", "")
        if said.startswith("Dollars and cents"):
            return "Money"
        if schema.get("format") == "double" or said.startswith("A decimal as text"):
            return "Decimal"
        return "datetime.date" if schema.get("format") == "date" or said.startswith("A day, as") else "str"

    def named(self, name: str) -> str:
        schema = self.schemas[name]
        return value_of(schema) or (name if self.is_class(name) else self.of(schema))

    def page(self, schema: Dict[str, Any]) -> Optional[str]:
        """Of what a page is; None for what is none."""
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        return self.of(self.schemas[name]["properties"]["items"]["items"]) if name.startswith("PageOf") else None


def comment(text: Optional[str], indent: str, mark: str = "#: ") -> str:
    lines = textwrap.wrap(" ".join((text or "").split()), WIDTH - len(indent) - len(mark))
    return "".join(f"{indent}{mark}{line}\n" for line in lines)


def docstring(text: str, indent: str) -> str:
    lines = textwrap.wrap(" ".join(text.replace("\\", "/").replace('"""', "'''").split()), WIDTH - len(indent) - 6)
    return f'{indent}"""' + f"\n{indent}".join(lines) + '"""\n'


def models(document: Dict[str, Any], types: Types) -> str:
    out = [
        HEAD.format(what="What the exchange answers, as classes."),
        "\nfrom __future__ import annotations\n\nimport datetime\nfrom dataclasses import dataclass, field\n",
        "from decimal import Decimal\nfrom typing import Any, List, Optional\n\n",
        "from .values import Money, Quantity, Rate\n",
    ]
    for name in sorted(filter(types.is_class, types.schemas)):
        schema = types.schemas[name]
        out.append("\n\n@dataclass(frozen=True, kw_only=True)\n")
        out.append(f"class {name}:\n")
        out.append(docstring(schema.get("description") or f"{name} of the exchange.", "    "))
        out.append("\n")
        required = set(schema.get("required", []))
        for said, member in schema["properties"].items():
            kind = types.of(member)
            if said not in required and not kind.startswith("Optional[") and kind != "Any":
                kind = f"Optional[{kind}]"
            is_optional = kind.startswith("Optional[") or kind == "Any"
            out.append(comment(member.get("description"), "    "))
            mark = f'metadata={{"json": "{said}"}}' if snake(said) != said else ""
            default = "default=None" if is_optional else ""
            rest = ", ".join(filter(None, (default, mark)))
            out.append(f"    {snake(said)}: {kind}")
            out.append(f" = field({rest})\n" if mark else " = None\n" if is_optional else "\n")
    return "".join(out)


def operations(document: Dict[str, Any], types: Types) -> str:
    found: List[Tuple[str, str]] = []
    for path, of in document["paths"].items():
        for method, operation in of.items():
            name = operation.get("operationId")
            if name and name != "PostUsage":  # Usage is sent by client.send_usage: in batches, packed.
                found.append((snake(name), one_operation(snake(name), method.upper(), path, operation, types)))
    methods = "".join(text for _, text in sorted(found))
    return "".join([
        HEAD.format(what="Every route of the exchange for programs, as a method."),
        "\nfrom __future__ import annotations\n\nimport datetime\n",
        "from decimal import Decimal\n" if "Decimal" in methods else "",
        "from typing import Any, List, Optional, Union\nfrom urllib.parse import quote\n\n",
        "from . import models\nfrom .pages import Page, Pages\nfrom .routes import Routes\n",
        "from .values import File, Money\n\n\nclass Operations(Routes):\n",
        '    """The routes; a client is one of these with a key."""\n', methods,
    ])


def module(kind: str, types: Types) -> str:
    """A class of the models is named with its module."""
    return re.sub(r"\b[A-Z]\w*\b", lambda word: f"models.{word[0]}" if word[0] in types.schemas and
                  types.is_class(word[0]) else word[0], kind)


def one_operation(name: str, method: str, path: str, operation: Dict[str, Any], types: Types) -> str:
    parameters = operation.get("parameters", [])
    paths = [one for one in parameters if one["in"] == "path"]
    queries = [one for one in parameters if one["in"] == "query"]
    heads = {one["name"] for one in parameters if one["in"] == "header"}
    schema, kind = answer(operation)
    of = types.page(schema) if schema else None
    is_listed = method == "GET" and of is not None
    body = operation.get("requestBody", {}).get("content", {})
    members = body.get("application/json", {}).get("schema", {}).get("properties", {}) if body else {}
    raw = next(iter(body), None) if body and not members else None

    result = (f"Pages[{of}]" if is_listed else f"Page[{of}]" if of else types.of(schema) if kind == "application/json"
              else "None" if schema is None else "File")
    arguments = [f"{snake(one['name'])}: str" for one in paths]
    named: List[str] = []
    for one in queries:
        typed = "Union[datetime.date, str]" if one["schema"].get("format") == "date" else types.of(one["schema"])
        named.append(f"{snake(one['name'])}: {typed}" if one.get("required") else
                     f"{snake(one['name'])}: Optional[{typed}] = None")
    for said, member in members.items():
        typed = types.of(member)
        typed = typed[9:-1] if typed.startswith("Optional[") else typed
        typed = {"Money": "Union[Money, str]", "datetime.date": "Union[datetime.date, str]"}.get(typed, typed)
        named.append(f"{snake(said)}: Optional[{typed}] = None")
    if raw:
        arguments.append("body: Union[str, bytes]")
    if "If-Match" in heads:
        named.append("if_match: str")
    if "Idempotency-Key" in heads:
        named.append("idempotency_key: Optional[str] = None")
    named.sort(key=lambda one: "= None" in one)

    lines = ["\n", *signature(name, ["self", *arguments, *(["*"] if named else []), *named], module(result, types))]
    summary = (operation.get("summary") or name).rstrip(".")
    lines.append(docstring(f"{summary}: {method} {path}.", "        "))
    lines.append(f"        path = {address(path)}\n")
    query = "{" + ", ".join(f'"{one["name"]}": {snake(one["name"])}' for one in queries
                            if not (is_listed and one["name"] == "cursor")) + "}"
    lines += wrapped("        query = ", query)
    if is_listed:
        lines.append(f"        return self._pages({module(of, types)}, path, query, cursor)\n")
        return "".join(lines)
    said = module(of or result, types)
    if method == "GET":
        lines.append(f"        return self._get({said}, path, query)\n")
        return "".join(lines)
    if members:
        lines += wrapped("        sent = ", "{" + ", ".join(f'"{one}": {snake(one)}' for one in members) + "}")
    call = [f'"{method}"', "path", "query", "sent" if members else "body" if raw else "None"]
    call.append(f'kind_of_body="{raw}"' if raw else "")
    call.append("if_match=if_match" if "If-Match" in heads else "")
    call += ["key=idempotency_key", "has_key=True"] if "Idempotency-Key" in heads else []
    begin, words = f"        return self._act{'_page' if of else ''}(", [said, *filter(None, call)]
    whole = f"{begin}{', '.join(words)})\n"
    lines += [whole] if len(whole) <= WIDTH + 2 else [begin + "\n", *filled(words, "            "), "        )\n"]
    return "".join(lines)


def answer(operation: Dict[str, Any]) -> Tuple[Optional[Dict[str, Any]], Optional[str]]:
    """What it answers with when it is done, and of which type that is."""
    for status, response in operation["responses"].items():
        for kind, content in response.get("content", {}).items() if status.startswith("2") else ():
            return content["schema"], kind
    return None, None


def address(path: str) -> str:
    if "{" not in path:
        return f'"{path}"'
    return 'f"' + re.sub(r"\{(\w+)\}", lambda one: "{quote(" + snake(one[1]) + ", safe='')}", path) + '"'


def signature(name: str, arguments: List[str], result: str) -> List[str]:
    whole = f"    def {name}({', '.join(arguments)}) -> {result}:\n"
    if len(whole) <= WIDTH + 2:
        return [whole]
    return [f"    def {name}(\n", *filled(arguments, "        "), f"    ) -> {result}:\n"]


def filled(words: Iterable[str], indent: str) -> List[str]:
    lines, line = [], indent
    for word in words:
        if len(line) + len(word) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip() + "\n")
            line = indent
        line += word + ", "
    return [*lines, line.rstrip() + "\n"]


def wrapped(begin: str, mapping: str) -> List[str]:
    if len(begin) + len(mapping) <= WIDTH:
        return [begin + mapping + "\n"]
    return [begin + "{\n", *filled(mapping[1:-1].split(", "), "            "), "        }\n"]


def refusals() -> str:
    rows = re.findall(r"^\| `([a-z0-9-]+(?:/[a-z0-9-]+)?)` \| .* \| (.*) \|$", REFUSALS.read_text("utf-8"), re.M)
    lines = [f"    {json.dumps(code)}:\n{text(do)}" for code, do in sorted(rows)]
    return HEAD.format(what="What to do about each refusal, by its code.").replace(
        "the OpenAPI document of the exchange", "docs/refusals.md") + (
        "\nfrom typing import Dict\n\nWHAT_TO_DO: Dict[str, str] = {\n" + "".join(lines) + "}\n")


def text(said: str) -> str:
    parts = textwrap.wrap(said, 96, drop_whitespace=False) or [""]
    return "".join(
        f"        {json.dumps(part, ensure_ascii=False)}{',' if last else ''}\n"
        for part, last in ((part, i == len(parts) - 1) for i, part in enumerate(parts)))


def main(arguments: List[str]) -> int:
    check = "--check" in arguments
    sources = [one for one in arguments if one != "--check"]
    if len(sources) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    if sources[0].startswith(("http://", "https://")):
        with urllib.request.urlopen(sources[0], timeout=30) as response:
            document = json.load(response)
    else:
        document = json.loads(pathlib.Path(sources[0]).read_text("utf-8"))
    types = Types(document["components"]["schemas"])
    files = {
        "models.py": models(document, types), "operations.py": operations(document, types), "refusals.py": refusals(),
    }
    stale = [name for name, text in files.items()
             if not (PACKAGE / name).exists() or (PACKAGE / name).read_text("utf-8") != text]
    if check and (wrong := [name for name in stale if name != "refusals.py"]):  # A new code lacks its advice at most.
        print(f"{', '.join(wrong)}: not what the exchange describes. Run generate.py.", file=sys.stderr)
        return 1
    for name in [] if check else stale:
        (PACKAGE / name).write_text(files[name], "utf-8")
        print(PACKAGE / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

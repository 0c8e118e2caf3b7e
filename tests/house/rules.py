"""Rules of the house that no linter knows. Each takes a source and yields its faults: `file:line what`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "scoring", "crm")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
UNTRANSLATED_PLACES = ("templates/components/gallery.html", "crm/views/gallery_samples.py", "crm/demo/")
# Tags in the form django-allauth asks for, without a word; it documents their context.
ALLAUTH_ELEMENTS = "templates/allauth/elements/"
# No browser shows them under our policy, and mail programs drop style sheets.
MAIL_TEMPLATES = "templates/survey_mail/"


def python_files(*packages: str) -> list[Path]:
    found = [path for package in packages or PACKAGES for path in (PROJECT / package).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def templates() -> list[Path]:
    found = [path for path in (PROJECT / "templates").rglob("*") if path.suffix in {".html", ".txt"}]
    return sorted(path for path in found if not name_of(path).startswith(ALLAUTH_ELEMENTS))


def tracked_files() -> list[Path]:
    """Everything that belongs to the repository, also what is not committed yet."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [PROJECT / name for name in listing.stdout.splitlines() if (PROJECT / name).is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else path.name


def is_untranslated_place(path: Path) -> bool:
    return name_of(path).startswith(UNTRANSLATED_PLACES)


# -- Python ------------------------------------------------------------------------------------------


def long_files(path: Path, source: str) -> Iterator[str]:
    lines = source.count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{name_of(path)} has {lines} lines"


def long_functions(path: Path, source: str) -> Iterator[str]:
    """Counted without the docstring: formulas and their sources may take their room."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_docstring = ast.get_docstring(node) is not None
            docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
            lines = (node.end_lineno or 0) - node.lineno + 1 - docstring
            if lines > MAX_FUNCTION_LINES:
                yield f"{name_of(path)}:{node.lineno} {node.name} has {lines} lines"


def _docstrings(tree: ast.AST) -> set[int]:
    """Strings that stand alone: they document."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def names_in_strings(path: Path, source: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """A room's name in a string is an import that no linter sees: select_related("score")."""
    tree = ast.parse(source)
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documentation and pattern.search(node.value):
            yield f"{name_of(path)}:{node.lineno} {node.value!r}"


def foreign_imports(path: Path, source: str, allowed: set[str]) -> Iterator[str]:
    """Imports of anything but the standard library, ``allowed`` and the package itself."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            continue
        for module in modules:
            top = module.split(".")[0]
            own = module.startswith("scoring.core") or (module.startswith(".") and module[1:2] != ".")
            if not own and top not in allowed | set(sys.stdlib_module_names):
                yield f"{name_of(path)}:{node.lineno} {module}"


def signals(path: Path, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.level or not node.module:
            continue
        parts = node.module.split(".")
        if parts[-1] in {"signals", "dispatch"} and parts[0] not in PACKAGES:
            yield f"{name_of(path)}:{node.lineno} imports {node.module}"


META_LABELS = {"verbose_name", "verbose_name_plural"}
LABEL_ARGUMENTS = META_LABELS | {"label", "help_text", "empty_label"}
MESSAGE_CALLS = {"success", "error", "info", "warning", "add_error", "ValidationError"}


def untranslated_labels(path: Path, source: str) -> Iterator[str]:
    """Labels, help texts, messages and errors that are plain strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and _is_text(node.value):
            if any(isinstance(t, ast.Name) and t.id in META_LABELS for t in node.targets):
                yield f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        elif isinstance(node, ast.Call):
            texts = [k.value for k in node.keywords if k.arg in LABEL_ARGUMENTS]
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if owner == "models" and called.endswith("Field"):
                texts += node.args[:1]
            if called in {"add_error", "ValidationError"} or (
                owner == "messages" and called in MESSAGE_CALLS
            ):
                texts += node.args
            for text in filter(_is_text, texts):
                if called != "add_error" or text is not node.args[0]:
                    yield f"{name_of(path)}:{text.lineno} {ast.unparse(text)}"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value.strip())


# -- Templates ---------------------------------------------------------------------------------------


def opens_without_comment(path: Path, source: str) -> Iterator[str]:
    if not source.startswith(("{#", "{% comment %}")):
        yield name_of(path)


INLINE = re.compile(
    r"<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*(?:\bsrc=|type=\"application/json\"))",
    re.IGNORECASE,
)


def inline_code(path: Path, source: str) -> Iterator[str]:
    """What the Content-Security-Policy would refuse."""
    for match in INLINE.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        yield f"{name_of(path)}:{line} {match.group().strip()}"


READ_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt", "data-label", "data-confirm", "content"}
SAID = re.compile(
    r"\b(?:title|text|label|subtitle|question|verb|note|\w+_label|count_text)=(?:\"([^\"]+)\"|'([^']+)')"
)
# Names and signs that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"Truenorth|真北|English|简体中文|繁體中文|CSV|XLSX|TOTP|\bEN\b|Ctrl|Cmd|Esc|Enter|API\b"
)
LETTERS = re.compile(r"[A-Za-z\u4e00-\u9fff]{2,}")
HOLE = "\uffff"


class _Reader(HTMLParser):
    """Collects what people read: text nodes, and attributes that are shown or spoken."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[tuple[int, str]] = []
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._mute += tag in {"script", "style", "kbd", "code"}
        shown = READ_ATTRIBUTES - ({"content"} if tag == "meta" else set())
        self.read += [(self.getpos()[0], values[name] or "") for name in shown & values.keys()]

    def handle_endtag(self, tag: str) -> None:
        self._mute -= tag in {"script", "style", "kbd", "code"}

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.read.append((self.getpos()[0], data))


def untranslated_text(path: Path, source: str) -> Iterator[str]:
    """Words outside {% translate %} and {% blocktranslate %}, in text, attributes and arguments of tags."""
    reader = _Reader()
    kept, inside, said = [], "", []
    for token in Lexer(source).tokenize():
        first = token.contents.split()[:1]
        command = first[0] if first and token.token_type == TokenType.BLOCK else ""
        if inside:
            inside = "" if command == f"end{inside}" else inside
        elif token.contents == "block main_class":
            inside = "block"  # CSS classes
        elif command in {"blocktranslate", "blocktrans", "comment"}:
            inside = command
        elif token.token_type == TokenType.TEXT:
            kept.append(token.contents)
            continue
        elif command in {"include", "with", "element"}:
            said += [(token.lineno, a or b) for a, b in SAID.findall(token.contents)]
        kept.append(HOLE + "\n" * token.contents.count("\n"))
    reader.feed("".join(kept))
    reader.close()
    for line, text in [*reader.read, *said]:
        rest = SAME_EVERYWHERE.sub("", text.replace(HOLE, " "))
        if LETTERS.search(rest):
            yield f"{name_of(path)}:{line} {' '.join(rest.split())[:60]!r}"


# -- All files ---------------------------------------------------------------------------------------

# Put together, so that this file does not find itself.
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
WORKPLACE = re.compile(r"/wo" + r"rk/|\.libr" + r"ary\b|\bissue" + r" \d+\b")
DRAWERS = re.compile(r"(?:^|/)(?:utils?|common|helpers?|misc)(?:\.py|/)")


def lines_that_match(path: Path, source: str, pattern: re.Pattern[str]) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), 1):
        if pattern.search(line):
            yield f"{name_of(path)}:{number} {line.strip()[:80]}"


def texts(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Files that are text."""
    for path in paths:
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue

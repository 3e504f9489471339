"""Every text of code and templates is in the catalogues: they are gathered anew, and compared."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "api", "products", "recognition", "retailvision", "stores", "webhooks")
LOOKED_AT = (*APPS, "templates", "locale")
# What xgettext looks for, as `manage.py makemessages` runs it; `_` for any of one argument.
KEYWORDS = {
    "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "npgettext",
    "npgettext_lazy", "pgettext", "pgettext_lazy",
}  # fmt: skip
# Functions of the language that take no text.
NO_TEXTS = {"get_language", "get_language_info", "override", "activate", "check_for_language"}


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, with catalogues that were brought up to date."""
    if shutil.which("xgettext") is None:
        pytest.fail(
            "Texts are gathered by GNU gettext, which is not here. Debian: apt install gettext"
        )
    copy = tmp_path_factory.mktemp("sources")
    for name in LOOKED_AT:
        shutil.copytree(
            ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
    # Without settings: what is gathered depends on the files alone.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--all", "--add-location", "file",
         "--no-obsolete"],
        cwd=copy, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return copy


def ids(po: Path) -> set[tuple[str | None, str]]:
    with po.open("rb") as file:
        return {
            (message.context, message.id if isinstance(message.id, str) else message.id[0])
            for message in read_po(file)
            if message.id
        }


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_the_catalogue_has_every_text_and_no_other(gathered: Path, code: str) -> None:
    """Where this fails: `make messages`, and translate what is new."""
    file = Path("locale") / code / "LC_MESSAGES" / "django.po"
    now, written = ids(gathered / file), ids(ROOT / file)
    assert now - written == set(), "not yet in the catalogue"
    assert written - now == set(), "no longer in code or templates"


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_texts_are_marked_by_names_that_xgettext_knows() -> None:
    """By another name, as `gettext as say`, texts are never found, and stay English."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                for name in node.names:
                    if name.name not in NO_TEXTS:
                        assert (name.asname or name.name) in KEYWORDS, f"{path}: {name.asname}"


def test_texts_are_whole_literals() -> None:
    """What is looked up is written out where it is looked up: no f-string, no sum, no call."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KEYWORDS - {
                "gettext"
            }:
                for text in [
                    each for each in node.args if isinstance(each, ast.JoinedStr | ast.BinOp)
                ]:
                    pytest.fail(f"{path}:{text.lineno} is no literal")


def test_no_text_is_looked_up_while_modules_are_loaded() -> None:
    """There is no reader then: what is said later must be lazy."""
    eager = {"gettext", "ngettext", "pgettext", "npgettext"}
    for path, tree in sources():
        names = {
            name.asname or name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
            for name in node.names
            if name.name in eager
        }
        for call in _loaded_calls(tree):
            assert getattr(call.func, "id", "") not in names, f"{path}:{call.lineno}"


def _loaded_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls that run when a module is loaded: outside of functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for part in (
                [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]
                if not isinstance(node, ast.Lambda)
                else []
            ):
                if part is not None:
                    yield from (each for each in ast.walk(part) if isinstance(each, ast.Call))
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from _loaded_calls(node)

"""`.env.example` lists every variable that the product reads, and no other."""

import ast
import re
from pathlib import Path

PACKAGES = ("analysis", "sampling", "study", "synvae_core", "scripts")
# Variables of `make run` alone, or known to every shell: not settings of the product.
NOT_OURS = {"HOST", "PORT", "DEMO", "PATH", "HOME", "DJANGO_SETTINGS_MODULE"}


def reads(tree: ast.AST) -> set[str]:
    """The names in `env.str("NAME")`, `os.environ.get("NAME")`, `os.environ["NAME"]` and their like."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and reads_environment(node.func):
            names |= literal(node.args[0])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names |= literal(node.slice)
    return names


def reads_environment(function: ast.expr) -> bool:
    written = ast.unparse(function)
    return written in {"env", "os.environ.get", "os.getenv"} or re.fullmatch(r"env\.\w+", written) is not None


def literal(node: ast.expr) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def variables_read(repository: Path) -> set[str]:
    files = [path for package in PACKAGES for path in (repository / package).rglob("*.py")]
    return set().union(*(reads(ast.parse(path.read_text())) for path in files)) - NOT_OURS


def variables_listed(repository: Path) -> list[str]:
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (repository / ".env.example").read_text(), re.MULTILINE)


def test_the_example_lists_every_variable_that_is_read(repository: Path) -> None:
    assert sorted(variables_listed(repository)) == sorted(variables_read(repository))


def test_every_variable_is_explained(repository: Path) -> None:
    """Each variable stands under a comment, alone or with its group."""
    groups = (repository / ".env.example").read_text().strip().split("\n\n")
    bare = [group for group in groups if not re.match(r"# (?![A-Z0-9_]+=)", group)]
    assert bare == []

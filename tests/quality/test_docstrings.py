"""Every public field of what the components are made of says what it is, and what it is unless it is given."""

import ast
from collections.abc import Iterator

from tests.repository import ROOT, python_files, syntax


def _has_fields(node: ast.AST) -> bool:
    """Whether this is a public dataclass or TypedDict."""
    return (
        isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and any(
            "dataclass" in text or "TypedDict" in text
            for text in (*map(ast.unparse, node.decorator_list), *map(ast.unparse, node.bases))
        )
    )


def undocumented(module: ast.Module) -> Iterator[str]:
    """The public fields without a docstring behind them, or with a default of which the docstring says nothing."""
    for owner in ast.walk(module):
        body = owner.body if isinstance(owner, ast.ClassDef) and _has_fields(owner) else []
        for field, behind in zip(body, [*body, None][1:], strict=True):
            if not isinstance(field, ast.AnnAssign) or ast.unparse(field.target).startswith("_"):
                continue
            text = behind.value.value if isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant) else ""
            optional = field.value is not None or "NotRequired" in ast.unparse(field.annotation)
            if not isinstance(text, str) or not text or (optional and "efault" not in text):
                yield f"{getattr(owner, 'name', '')}.{ast.unparse(field.target)}"


def test_every_public_field_says_what_it_is_and_its_default() -> None:
    modules = [path for path in python_files() if path.parts[0] == "components"]
    assert [(str(path), field) for path in modules for field in undocumented(syntax(ROOT / path))] == []


def test_a_field_without_a_docstring_or_with_an_unnamed_default_is_found() -> None:
    module = ast.parse(
        "@dataclass\nclass A:\n    one: int\n    two: int\n    '''Two.'''\n    three: int = 3\n    '''Three.'''\n"
        "class B(TypedDict):\n    four: NotRequired[int]\n    '''Four.'''\n    five: NotRequired[int]\n"
        "    '''Five. Default 5.'''\n    six: int\n"
        "@dataclass\nclass _C:\n    seven: int\n"
    )
    assert list(undocumented(module)) == ["A.one", "A.three", "B.four", "B.six"]

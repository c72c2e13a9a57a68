"""What goes into a page unescaped: nothing but what is named here, each place with its reason (SEC-25; CWE-79).

Read from the syntax of every module, so that neither an alias nor a line break hides anything.
"""

import ast
import re

import pytest

from tests.test_architecture import PYTHON, ROOT, tracked

pytestmark = pytest.mark.any_engine
PRODUCT = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for path in PYTHON
    if path.relative_to(ROOT).parts[0] != "tests"
}
MARKS = {
    "SafeString",
    "SafeText",
    "SafeData",
    "mark_safe",
    "html_safe",
    "safe",
    "safeseq",
    "allow_tags",
    "__html__",
    "needs_autoescape",
}
# {(file, function, what is marked): why no text of anybody's can be markup there}
ALLOWED = {
    ("tanxun/listing/cells.py", "body", "''.join(lines)"): (
        "rows of a list, drawn without templates as they are most of a page: each text passes `escape` or a drawing that does; "
        "test_list_cells.py draws every kind of cell with markup in it"
    ),
    ("tanxun/listing/linked.py", "data_block", "json.dumps(told, ensure_ascii=False).translate(ESCAPES)"): (
        "JSON in a block that no script runs: <, > and & stand in it as \\u003c …; test_linked_data.py"
    ),
}
FORMATS = {"format_html": 0, "format_html_join": 1}


def name_of(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def functions(tree):
    """{node: name of the function it stands in}."""
    found = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            found[node] = function.name
    return found


def test_nothing_is_marked_as_safe_but_what_is_named_here():
    """SEC-25: no place more than these, and none of these that is no more."""
    found = set()
    for file, tree in PRODUCT.items():
        inside = functions(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in MARKS:
                found.add((file, inside.get(node, ""), ", ".join(map(ast.unparse, node.args))))
    assert found == set(ALLOWED)
    assert all(len(reason) > 40 for reason in ALLOWED.values())


def test_marks_come_under_their_own_names_and_are_made_in_no_other_way():
    """SEC-25: nothing is imported by another name, subclassed or given a method that says it is safe."""
    for file, tree in PRODUCT.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in ("django.utils.safestring", "django.utils.html"):
                assert not [one for one in node.names if one.asname or one.name == "*"], file
            if isinstance(node, ast.ClassDef):
                assert not {name_of(base) for base in node.bases} & MARKS, (file, node.name)
                assert not {name_of(one) for one in node.decorator_list} & MARKS, (file, node.name)
            if isinstance(node, ast.FunctionDef):
                assert node.name not in MARKS, file
            if isinstance(node, ast.keyword):
                assert node.arg not in ("is_safe", "autoescape"), file


def test_formats_are_written_out_where_they_are_used():
    """SEC-25: a format that is put together could hold what somebody typed."""
    seen = 0
    for file, tree in PRODUCT.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in FORMATS:
                seen += 1
                for argument in node.args[: FORMATS[name_of(node.func)] + 1]:
                    assert isinstance(argument, ast.Constant), f"{file}:{node.lineno}: {ast.unparse(argument)}"
                    assert isinstance(argument.value, str)
    assert seen > 5


@pytest.mark.parametrize(
    "path", [one for one in tracked("templates/*") if one.suffix in {".html", ".txt", ".xml", ".svg"}], ids=lambda path: path.name
)
def test_no_template_leaves_anything_unescaped(path):
    """SEC-25: neither by a filter, alone or in a chain, nor by a tag."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe(seq)?\b|{%\s*filter\b[^%]*\bsafe|autoescape", text)

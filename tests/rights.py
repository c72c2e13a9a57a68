"""The addresses of the site walked, and the table of who may ask them what (`rights.txt`) read."""

import re
from pathlib import Path

from django.apps import apps
from django.contrib import admin
from django.urls import get_resolver

TABLE = Path(__file__).with_name("rights.txt")
MORE = {"tanxun.site.sso": Path(__file__).with_name("sso") / "rights.txt"}  # of apps that a site has or not
ROLES = ("nobody", "public", "reader", "consultant", "editor", "manager", "superuser", "off", "read", "export")
VERBS = {"GET": ["GET"], "POST": ["POST"], "both": ["GET", "POST"]}
LEAD = re.compile(r"(?P<verb>\w+)(?P<cells>(?: +(?:ok|login|\d{3})){10}) +(?P<addresses>/.*)")
WORDS = re.compile(r"(?P<word><[\w-]+>) += (?P<meanings>.*)")
OWNED = re.compile(  # what each of these shows or changes is one person's: theirs, and another's
    r"saved-(open|edit|delete|restore|default)|(address|token)-revoke|export-file|certifications:import(-report)?"
    r"|alerts:change(-export)?|jobs:(hint|stop|close)|approval"
)


def patterns(part=None, before="", space=""):
    """(route, full name) of everything that the site answers."""
    for found in (part or get_resolver()).url_patterns:
        route = before + str(found.pattern)
        if hasattr(found, "url_patterns"):
            yield from patterns(found, route, f"{space}{found.namespace}:" if found.namespace else space)
        else:
            yield route, f"{space}{found.name or ''}"


def addresses():
    """{address as the table writes it: full name}: each app of the admin for itself, and what is a person's own twice."""
    return {address: name for route, name in patterns() for address in written(route, name)}


def written(route, name):
    """The addresses that one pattern of Django stands for."""
    plain = re.sub(r"<\w+:(\w+)>", r"<\1>", f"/{route}").replace("^([^/]+)/history/([^/]+)/$", "<id>/history/<id>/")
    plain = re.sub(r"<(pk|id|object_id|content_type_id)>", "<id>", plain)
    if name == "admin:app_list":
        return [f"/admin/{label}/" for label in sorted({model._meta.app_label for model in admin.site._registry})]
    if name == "api-nothing":
        return ["/api/<nothing>/"]
    if plain.endswith("(?P<url>.*)$"):
        return ["/admin/<nothing>"]
    if name == "digest:issue_file":
        return [plain, plain.replace("<name>", "wechat")]
    if OWNED.fullmatch(name):
        return [plain.replace("<id>", whose) for whose in ("<own>", "<other's>")]
    return [plain]


def table():
    """{(address, verb): {role: answer}} of all lines. Raises ValueError for a line that says nothing, or one thing twice."""
    texts = [TABLE.read_text(), *(path.read_text() for app, path in MORE.items() if apps.is_installed(app))]
    text = re.sub(r"^#.*\n", "\n", "\n".join(texts), flags=re.M)
    lines = [line for line in re.sub(r"\n +(?=\S)", " ", text).splitlines() if line]
    words = {found["word"]: found["meanings"].split() for line in lines if (found := WORDS.fullmatch(line))}
    made = {}
    for line in lines:
        if WORDS.fullmatch(line):
            continue
        if not (found := LEAD.fullmatch(line)):
            raise ValueError(f"not a line of the table: {line}")
        cells = dict(zip(ROLES, found["cells"].split(), strict=True))
        for address in found["addresses"].split():
            for one in spelled_out(address, words):
                for verb in VERBS[found["verb"]]:
                    if (one, verb) in made:
                        raise ValueError(f"stands in the table twice: {verb} {one}")
                    made[one, verb] = cells
    return made


def spelled_out(address, words):
    """All that an address with words and alternatives stands for."""
    for word, meanings in words.items():
        address = address.replace(word, "{" + ",".join(meanings) + "}")
    waiting, whole = [address], []
    while waiting:
        one = waiting.pop()
        if found := re.search(r"\{([^{}]*)\}", one):
            waiting += [one[: found.start()] + part + one[found.end() :] for part in found[1].split(",")]
        else:
            whole.append(one)
    return dict.fromkeys(whole)

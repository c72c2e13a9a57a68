"""`read_newsletter` and the files it takes: any usual encoding and kind, no database, one line for an error."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from docx import Document

from tanxun.digest.sources import MAX_BYTES, MAX_FILE_BYTES, SourceError, text_of

ROOT = Path(__file__).resolve().parent.parent
TEXT = "行业动态\n远澜电池:获产品碳足迹核查声明\n近日,宁波远澜电池有限公司获得SGS颁发的产品碳足迹核查声明。\n"
TRADITIONAL = (
    "行業動態\n遠瀾電池:獲產品碳足跡核查聲明\n近日,寧波遠瀾電池有限公司獲得產品碳足跡核查聲明,這是該公司第一次取得證書。\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_usual_encodings(encoding):  # NWS-03
    assert text_of("week.txt", TEXT.encode(encoding)) == TEXT


def test_big5():  # NWS-03
    assert text_of("week.txt", TRADITIONAL.encode("big5")) == TRADITIONAL


def test_html_becomes_lines_without_scripts():
    page = "<html><head><style>p{}</style><title>t</title></head><body><script>x()</script>"
    page += "<section><p>行业<b>动态</b></p><p>远澜电池:<span>获声明</span><br>近日。</p></section></body></html>"
    assert text_of("week.html", page.encode()) == "行业动态\n远澜电池:获声明\n近日。"


def test_docx_gives_its_paragraphs():
    file, document = io.BytesIO(), Document()
    for line in TEXT.strip().split("\n"):
        document.add_paragraph(line)
    document.save(file)
    assert text_of("week.docx", file.getvalue()).strip() == TEXT.strip()


def word(*lines, extra=b""):
    file, document = io.BytesIO(), Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("word/media/picture.png", extra)
    return file.getvalue()


def page(picture):
    return TEXT.replace("\n", f'<br><img src="data:image/png;base64,{picture}">\n').encode()


def test_pictures_do_not_count_as_text():
    lines = TEXT.strip().split("\n")
    data = word(*lines, extra=os.urandom(3 * MAX_BYTES))
    assert len(data) > MAX_BYTES
    assert text_of("week.docx", data).strip() == TEXT.strip()
    assert text_of("week.html", page("QUJD" * MAX_BYTES)).split() == TEXT.split()


def test_the_text_within_a_file_has_the_limit_of_every_text(settings):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(SourceError, match="1 MB"):
        text_of("week.docx", word("零碳" * 200_000))
    with pytest.raises(SourceError, match="1 MB"):
        text_of("week.html", ("<p>" + "零碳" * 200_000 + "</p>").encode())
    with pytest.raises(SourceError, match="20 MB"):
        text_of("week.docx", bytes(MAX_FILE_BYTES + 1))


@pytest.mark.django_db
def test_a_command_reads_a_file_with_pictures(tmp_path, capsys):
    path = tmp_path / "week.docx"
    path.write_bytes(word(*TEXT.strip().split("\n"), extra=os.urandom(2 * MAX_BYTES)))
    call_command("read_newsletter", str(path), "--json", "--date", "2026-03-20")
    assert json.loads(capsys.readouterr().out)["items"][0]["statements"][0]["body"] == "SGS"


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("week.txt", b"", "empty"),
        ("week.txt", b" \n\n", "empty"),
        ("week.txt", b"a" * (MAX_BYTES + 1), "1 MB"),
        ("week.docx", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "no Word file"),
        ("week.docx", bomb(), "unpacks to more"),
        ("week.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "encoding"),
        ("week.txt", "caf\xe9 d\xe9j\xe0 vu".encode("latin-1"), "encoding"),
        ("week.pdf", b"%PDF-1.7", "Only"),
        ("week.html", b"", "empty"),
    ],
)
def test_data_that_is_no_newsletter_is_refused_with_a_reason(name, data, message, settings):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(SourceError, match=message):
        text_of(name, data)


@pytest.mark.django_db
def test_json_of_one_file_is_an_object_and_of_two_a_list(tmp_path, capsys):
    path = tmp_path / "week.txt"
    path.write_text(TEXT, encoding="utf-8")
    call_command("read_newsletter", str(path), "--json", "--date", "2026-03-20")
    one = json.loads(capsys.readouterr().out)
    assert one["reference_date"] == "2026-03-20"
    assert one["items"][0]["statements"][0]["body"] == "SGS"
    call_command("read_newsletter", str(path), str(path), "--json", "--date", "2026-03-20")
    assert json.loads(capsys.readouterr().out) == [one, one]


@pytest.mark.django_db
def test_report_puts_the_doubtful_points_first(tmp_path, capsys):
    path = tmp_path / "week.txt"
    path.write_text("目录\n1.远澜电池:获声明\n2.只在目录:里\n" + TEXT, encoding="utf-8")
    call_command("read_newsletter", str(path))
    shown = capsys.readouterr().out
    assert shown.index("目录有、正文没有：只在目录:里") < shown.index("1. [行业·声明]")


@pytest.mark.django_db
def test_a_doubtful_point_says_where_it_stands_and_in_which_words(tmp_path, capsys):  # NWS-08
    path = tmp_path / "week.txt"
    path.write_text("地方动态\n鼓楼区:公布名单\n2月30日,鼓楼区工信局公布绿色工厂名单。\n" + TEXT, encoding="utf-8")
    call_command("read_newsletter", str(path), "--date", "2026-03-20")
    doubts = capsys.readouterr().out.split("\n1. [")[0]
    assert "请先看这" in doubts
    region = next(line for line in doubts.splitlines() if "可能是" in line)
    assert region.split()[:2] == ["第1条", "地区"]
    assert "“鼓楼区”" in region
    assert "江苏省徐州市鼓楼区" in region
    assert "第2条" not in doubts


@pytest.mark.django_db
def test_values_stand_below_each_other_whatever_their_label(tmp_path, capsys):
    path = tmp_path / "week.txt"
    path.write_text(TEXT, encoding="utf-8")
    call_command("read_newsletter", str(path), "--date", "2026-03-20")
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("   ")]
    starts = {sum(2 if ord(char) > 0x2E7F else 1 for char in line[: line.index(line.split()[1])]) for line in lines}
    assert len(lines) > 4
    assert len(starts) == 1


@pytest.mark.django_db
def test_report_is_in_chinese_words(tmp_path, capsys):
    path = tmp_path / "week.txt"
    aims = "到2028年,培育零碳工厂30家以上,能耗不超过5吨标准煤,每年新增绿色工厂约10家。对零碳园区内企业给予奖励。"
    aims += "每家零碳工厂奖励20万元。"
    path.write_text(f"地方动态\n宁波:发布办法\n3月16日,宁波市经信局印发《零碳办法》。{aims}\n{TEXT}", encoding="utf-8")
    call_command("read_newsletter", str(path), "--date", "2026-03-20")
    said = capsys.readouterr().out
    lines = [line.split() for line in said.splitlines()]
    for line in (
        ["目标", "到2028年，零碳工厂30家以上"],
        ["到2028年，能耗不超过5吨标准煤"],
        ["每年新增绿色工厂约10家"],
        ["激励", "对零碳园区内企业给予奖励"],
        ["20万元"],
        ["层级", "地级"],
        ["声明类型", "产品碳足迹"],
    ):
        assert line in lines
    assert next(line for line in lines if line[:1] == ["主题"])[1].startswith("零碳")
    assert "True" not in said
    assert ">=" not in said


@pytest.mark.django_db
def test_missing_file_is_a_data_error(tmp_path):
    with pytest.raises(CommandError, match="week"):
        call_command("read_newsletter", str(tmp_path / "week.txt"))


def run(*arguments, folder, text=""):
    environment = {**os.environ, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tanxun.settings"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, str(ROOT / "manage.py"), "read_newsletter", *arguments]
    return subprocess.run(command, input=text.encode(), capture_output=True, env=environment, check=False)


def test_needs_no_database_and_makes_none(tmp_path):
    done = run("-", "--json", folder=tmp_path, text=TEXT)
    assert json.loads(done.stdout)["items"][0]["kind"] == "statement"
    assert [path.name for path in tmp_path.iterdir() if "sqlite" in path.name] == []


def test_exit_codes(tmp_path):
    data_error, misuse = run("-", folder=tmp_path), run("-", "--date", "morgen", folder=tmp_path)
    assert (data_error.returncode, misuse.returncode) == (1, 2)
    assert len(data_error.stderr.decode().strip().split("\n")) == 1

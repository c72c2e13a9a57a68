"""A list of recognised companies comes in as a sheet: programme, level, batch, year, who recognised them, who was removed."""

import datetime as dt
import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from certifications.models import Conflict, Programme, VerificationStatement
from certifications.recorded import seal
from certifications.sheets.heads import HeadsError, field_of
from policies.models import IssuingBody
from tanxun.records import sealing
from tanxun.site import reference
from tests import factory
from tests.reading import words
from tests.sheets import bring, counted, csv_file, errors, row, workbook
from tests.test_import_killed import data, exported
from tests.test_import_pages import act, page, upload, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]
HEADS = ("单位名称", "所在地", "称号", "级别", "批次", "年度", "认定单位", "移出日期")
OFFICE = "江苏省工业和信息化厅"
FACTORIES = [
    ("苏州甲电子有限公司", "苏州市", "绿色工厂", "省级", "第五批", "2024", OFFICE, ""),
    ("苏州乙材料有限公司", "苏州市", "绿色工厂", "省级", "第五批", "2024", OFFICE, "2025-11-03"),
    ("杭州丙纺织有限公司", "杭州市", "绿色工厂", "省级", "第五批", "2024", OFFICE, ""),
]


@pytest.fixture(autouse=True)
def lists(english_words):
    reference.load_topics()
    reference.load_statement_types()
    reference.load_programmes()
    for code in ("320500", "330100"):
        factory.region(code)


@pytest.fixture(params=[csv_file, workbook])
def sheet(request, tmp_path):
    return lambda *rows, heads=HEADS: request.param(tmp_path, *rows, heads=heads)


def told():
    rows = VerificationStatement.objects.order_by("company__name").select_related("programme", "recognised_by", "company")
    return [
        (one.company.name, one.programme.slug, one.tier, one.batch, one.period_end.year, one.recognised_by.name, one.removed_on)
        for one in rows
    ]


def test_a_list_of_green_factories_comes_in_and_a_second_time_adds_nothing(sheet):
    path = sheet(*FACTORIES)
    outcome = bring(path)
    assert counted(outcome) == {"new": 3}, errors(outcome)
    assert outcome.made_issuers == [OFFICE]
    rest = ("green-factory", "province", "第五批", 2024, OFFICE)
    assert told() == [
        ("杭州丙纺织有限公司", *rest, None),
        ("苏州乙材料有限公司", *rest, dt.date(2025, 11, 3)),
        ("苏州甲电子有限公司", *rest, None),
    ]
    one = VerificationStatement.objects.first()
    assert (one.statement_type.slug, one.is_body_undisclosed) == ("green_factory", False)
    office = IssuingBody.objects.get()
    assert (office.history.count(), office.name_folded) == (1, OFFICE)
    again = bring(path)
    assert counted(again) == {"same": 3}
    assert again.made_issuers == []
    assert (VerificationStatement.objects.count(), IssuingBody.objects.count()) == (3, 1)


def test_a_dry_run_writes_nothing(sheet):
    outcome = bring(sheet(*FACTORIES), writes=False)
    assert (counted(outcome), outcome.made_issuers) == ({"new": 3}, [OFFICE])
    assert not VerificationStatement.objects.exists()
    assert not IssuingBody.objects.exists()


def test_who_is_removed_later_is_changed_where_asked(sheet):
    bring(sheet(*FACTORIES))
    path = sheet((*FACTORIES[0][:-1], "2026-10-01"), *FACTORIES[1:])
    assert counted(bring(path, updates=True)) == {"same": 2, "changed": 1}
    assert VerificationStatement.objects.get(company__name=FACTORIES[0][0]).removed_on == dt.date(2026, 10, 1)
    assert VerificationStatement.objects.count() == 3


def test_a_list_of_those_removed_ends_the_memberships_that_are_known(sheet):
    first = FACTORIES[0]
    bring(sheet(*FACTORIES, (*first[:3], "国家级", *first[4:])))
    heads = ("企业名称", "名单", "级别", "移出日期")
    gone = sheet((first[0], "绿色工厂", "国家级", "2026-05-01"), ("新来有限公司", "绿色工厂", "", "2026-05-01"), heads=heads)
    assert counted(bring(gone, updates=True)) == {"changed": 1, "new": 1}
    assert counted(bring(gone, updates=True)) == {"same": 2}
    ended = VerificationStatement.objects.filter(company__name=first[0], removed_on=dt.date(2026, 5, 1))
    assert [one.tier for one in ended] == ["national"]
    unsaid = sheet((first[0], "绿色工厂", "", "2026-05-01"), heads=heads)
    outcome = bring(unsaid, updates=True)
    assert [name for _row, name, _said in errors(outcome)] == ["removed_on"]
    assert VerificationStatement.objects.count() == 5


def test_one_company_on_lists_of_several_levels_batches_and_programmes(sheet):
    first = FACTORIES[0]
    rows = [
        first,
        (*first[:3], "国家级", *first[4:]),
        (*first[:4], "第六批", *first[5:]),
        (*first[:2], "零碳工厂", *first[3:]),
    ]
    path = sheet(*rows)
    outcome = bring(path)
    assert counted(outcome) == {"new": 4}, errors(outcome)
    assert counted(bring(path)) == {"same": 4}


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("绿色工厂", "green-factory"),
        ("綠色工廠", "green-factory"),
        (" Green  factory ", "green-factory"),
        ("green-factory", "green-factory"),
        ("绿色供应链管理企业", "green-supply-chain"),
        ("绿色供应链", "green-supply-chain"),
        ("绿色园区", "green-industrial-park"),
        ("我市灯塔", "zero-carbon-factory"),
    ],
)
def test_a_programme_is_known_by_its_names(sheet, printed, slug):
    lighthouse = Programme.objects.get(slug="zero-carbon-factory")
    lighthouse.aliases = "灯塔工厂\r\n我市灯塔\r\n"
    lighthouse.save()
    outcome = bring(sheet((*FACTORIES[0][:2], printed, *FACTORIES[0][3:])))
    assert counted(outcome) == {"new": 1}, errors(outcome)
    made = VerificationStatement.objects.get()
    assert made.programme.slug == slug
    assert made.statement_type == made.programme.statement_type


@pytest.mark.parametrize("printed", ["绿色", "省级绿色工厂", "碳标签", "绿色工厂、零碳工厂"])
def test_an_unknown_programme_is_an_error_that_says_which_are_known(sheet, printed):
    outcome = bring(sheet(FACTORIES[0], (*FACTORIES[1][:2], printed, *FACTORIES[1][3:])))
    ((number, name, told_so),) = errors(outcome)
    assert (number, name) == (3, "programme")
    for known in Programme.objects.all():
        assert str(known) in told_so
    assert not VerificationStatement.objects.exists()
    assert not IssuingBody.objects.exists()


def test_a_name_of_two_programmes_is_no_guess(sheet):
    Programme.objects.filter(slug__in=["zero-carbon-factory", "zero-carbon-park"]).update(aliases="零碳名单")
    ((_number, name, told_so),) = errors(bring(sheet((*FACTORIES[0][:2], "零碳名单", *FACTORIES[0][3:]))))
    assert name == "programme"
    assert "Zero-carbon Factory" in told_so
    assert "Zero-carbon Park" in told_so


def test_a_programme_of_another_type_is_refused(sheet):
    heads = ("企业名称", "证书类型", "项目")
    outcome = bring(sheet(("苏州甲有限公司", "产品碳足迹", "绿色工厂"), heads=heads))
    assert [name for _row, name, _said in errors(outcome)] == ["programme"]


def test_a_sheet_without_type_and_programme_asks_for_either(sheet):
    with pytest.raises(HeadsError, match="No column is given for: Statement type, or Programme, which says the type"):
        bring(sheet(("苏州甲有限公司", "省级"), heads=("单位名称", "级别")))


def test_the_page_of_a_sheet_names_the_issuing_bodies_that_it_makes(client, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    client.force_login(factory.user("editor"))
    sheet = upload(client, csv_file(tmp_path, *FACTORIES, heads=HEADS))
    work()
    shown = words(page(client, sheet))
    assert OFFICE in shown
    assert '<option value="recognised_by" selected>' in shown
    assert not IssuingBody.objects.exists()
    act(client, sheet, "bring_in")
    work()
    assert IssuingBody.objects.get().name == OFFICE


def test_a_row_without_type_and_programme_is_refused(sheet):
    assert [name for _row, name, _said in errors(bring(sheet((*FACTORIES[0][:2], "", *FACTORIES[0][3:]))))] == ["statement_type"]


def test_known_issuing_bodies_are_found_by_name_and_alias_and_several_are_refused(sheet):
    office = factory.issuing_body(OFFICE)
    office.aliases.create(name="江苏省工信厅")
    rows = [(*FACTORIES[at][:6], name, "") for at, name in enumerate((OFFICE, "江苏省工信厅", "省工信厅、省财政厅"))]
    outcome = bring(sheet(*rows), is_partial=True)
    assert [(number, name) for number, name, _said in errors(outcome)] == [(4, "recognised_by")]
    assert set(VerificationStatement.objects.values_list("recognised_by", flat=True)) == {office.pk}
    assert IssuingBody.objects.count() == 1


def test_of_rows_that_are_refused_no_issuing_body_is_made(sheet):
    rows = [FACTORIES[0], (*FACTORIES[1][:6], "别的机关", "不是日期")]
    outcome = bring(sheet(*rows), is_partial=True)
    assert counted(outcome) == {"new": 1, "wrong": 1}
    assert [office.name for office in IssuingBody.objects.all()] == [OFFICE]


@pytest.mark.parametrize(
    ("heads", "field"),
    [
        (("项目", "名单", "称号", "荣誉称号", "Programme", "List"), "programme"),
        (("认定单位", "认定机构", "发布单位", "认定机关", "Recognised by", "recognized by"), "recognised_by"),
        (("移出日期", "除名日期", "撤销日期", "移出 时间", "Removed on"), "removed_on"),
        (("级别", "等级", "认定级别", "Tier", "Level"), "tier"),
        (("批次", "认定批次", "Batch"), "batch"),
        (("名单阶段", "阶段", "Stage"), "list_stage"),
        (("年度", "认定年度", "入选年份", "Year"), "period_year"),
    ],
)
def test_heads_as_lists_print_them(heads, field):
    assert {head: field_of(head) for head in heads} == dict.fromkeys(heads, field)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_exported_list_comes_in_again_as_it_was(client, tmp_path, ending, language):
    client.force_login(factory.user("manager"))
    client.cookies["django_language"] = language
    programmes = list(Programme.objects.select_related("statement_type"))
    stages = ["", "cultivation", "construction", "publicised", "accepted"]
    for number in range(5):
        listed = programmes[number % 5]
        factory.statement(
            company=factory.company(f"名单{number}有限公司", region=factory.region("320500")),
            statement_type=listed.statement_type,
            programme=listed,
            verification_body=factory.body() if listed.slug == "national-carbon-label" else None,
            recognised_by=factory.issuing_body() if number else None,
            tier=["national", "province", "city", "county", ""][number],
            batch="第五批",
            list_stage=stages[number],
            removed_on="2025-11-03" if number == 3 else None,
            announced_on="2024-12-05",
            period_start="2024-01-01",
            period_end="2024-12-31",
        )
    before = exported(client, ending)
    path = tmp_path / f"export.{ending}"
    path.write_bytes(before)
    assert counted(bring(path)) == {"same": 5}
    VerificationStatement.objects.all().delete()
    IssuingBody.objects.all().delete()
    outcome = bring(path)
    assert counted(outcome) == {"new": 5}, errors(outcome)
    assert outcome.made_bodies == []
    path.write_bytes(exported(client, ending))
    assert counted(bring(path)) == {"same": 5}
    if ending == "csv":
        assert data(exported(client, ending)) == data(before)


def test_our_list_names_the_recogniser_in_the_place_of_the_body(sheet):
    heads = ("企业", "名单", "核查机构")
    bring(sheet(("苏州甲有限公司", "绿色工厂", f"{OFFICE}认定"), heads=heads))
    made = VerificationStatement.objects.get()
    assert (made.recognised_by.name, made.verification_body) == (OFFICE, None)


# One rule for what a second source says of a record whose body is undisclosed


def test_a_sheet_that_names_the_body_against_a_source_that_hides_it(client, tmp_path):
    factory.body()
    bring(csv_file(tmp_path, row(body="未披露", number=""), name="一月.csv"))
    bring(csv_file(tmp_path, row(number=""), name="二月.csv"))
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.kept, conflict.other) == ("verification_body", "未披露", "SGS")
    client.force_login(factory.user("editor"))
    client.post("/conflicts/", {"conflict": conflict.pk, "choice": "other", "seen": seal(conflict.statement, conflict.field)})
    made = VerificationStatement.objects.get()
    assert (str(made.verification_body), made.is_body_undisclosed) == ("SGS", False)


def test_a_sheet_fills_a_gap_of_a_membership_without_a_conflict_and_disagrees_on_what_is_said(client, sheet):
    bring(sheet(("苏州甲有限公司", "绿色工厂", "省级", "", ""), heads=("企业", "名单", "级别", "阶段", "认定单位")))
    heads = ("企业", "名单", "级别", "阶段", "认定单位")
    bring(sheet(("苏州甲有限公司", "绿色工厂", "省级", "公示", OFFICE), heads=heads))
    assert not Conflict.objects.exists()
    bring(sheet(("苏州甲有限公司", "绿色工厂", "省级", "公示", OFFICE), heads=heads), updates=True)
    bring(sheet(("苏州甲有限公司", "绿色工厂", "省级", "列入", "昆山市工业和信息化局"), heads=heads))
    found = {conflict.field: conflict for conflict in Conflict.objects.all()}
    assert set(found) == {"list_stage", "recognised_by"}
    client.force_login(factory.user("editor"))
    for name, conflict in found.items():
        client.post("/conflicts/", {"conflict": conflict.pk, "choice": "other", "seen": seal(conflict.statement, name)})
    made = VerificationStatement.objects.get()
    assert (made.list_stage, made.recognised_by.name) == ("accepted", "昆山市工业和信息化局")


# Words of before


def test_the_history_has_the_words_of_the_choices_too():
    made = factory.statement(
        statement_type=factory.statement_type("green_factory"), verification_body=None, tier="国家级", list_stage="示范"
    )
    migration = importlib.import_module("certifications.migrations.0016_names_of_programmes")
    sealing.unseal()  # as before every migrate
    migration.word_history(apps, SimpleNamespace(connection=connection))
    entry = made.history.get()
    assert (entry.tier, entry.list_stage) == ("national", "示范")

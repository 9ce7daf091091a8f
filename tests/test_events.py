"""Event data of others: each layout by a few rows, what cannot be read, packed files, and the store."""

from __future__ import annotations

import csv
import gzip
import zipfile
from datetime import date

import pytest

from kg.errors import InputError
from kg.events import FORMATS, Report, import_events
from kg.events.coding import cameo, cameo_names, kind_of
from kg.events.files import Rejected, layouts, read_rows
from kg.events.formats import read_names
from kg.geo import table_rows
from kg.graph import Graph
from kg.model import Document, Evidence, Span, Statement
from kg.ontology import load_ontology

ICEWS = "\t".join(
    (
        "Event ID",
        "Event Date",
        "Source Name",
        "Source Sectors",
        "Source Country",
        "Event Text",
        "CAMEO Code",
        "Intensity",
        "Target Name",
        "Target Sectors",
        "Target Country",
        "Story ID",
        "Sentence Number",
        "Publisher",
        "City",
        "District",
        "Province",
        "Country",
        "Latitude",
        "Longitude",
    )
)


def icews(source, sectors, country, code, target, target_sectors, target_country, day="2018-06-01", key="1"):
    return "\t".join(
        (
            key,
            day,
            source,
            sectors,
            country,
            "text",
            code,
            "1",
            target,
            target_sectors,
            target_country,
            "9",
            "2",
            "Agency",
            "NA",
            "NA",
            "NA",
            "NA",
            "1",
            "2",
        )
    )


MEETING = icews(
    "Foreign Affairs (India)", "Foreign Ministry,Government", "India", "040", "Nepal", "NA", "Nepal"
)
POLECAT = "\t".join(layouts()["polecat"]["columns"])


def polecat(**cells):
    known = layouts()["polecat"]["columns"]
    return "\t".join(cells.get(name.replace(" ", "_"), "None") for name in known)


def gdelt(size, **cells):
    columns = next(layout for layout in layouts()["gdelt"]["layouts"] if len(layout) == size)
    return "\t".join(cells.get(name, "") for name in columns)


def phoenix(**cells):
    return "\t".join(cells.get(name, "---") for name in layouts()["phoenix"]["layouts"][0])


@pytest.fixture
def bring(tmp_path):
    """Write rows to a file, import it, and give the report, the store and the rows of the reject file."""

    def run(format, *rows, name="events.txt", data=None, **options):
        path = tmp_path / name
        path.write_bytes(data if data is not None else ("\n".join(rows) + "\n").encode())
        rejects = tmp_path / "rejects.tsv"
        report = import_events([path], tmp_path / "store", format=format, rejects=rejects, **options)
        with rejects.open(encoding="utf-8", newline="") as lines:
            return report, tmp_path / "store", list(csv.DictReader(lines, delimiter="\t"))

    return run


def told(store):
    return [(s.source, s.relation, s.target, s.when.first) for s in Graph.load(store).statements()]


# --- Tables of codes -----------------------------------------------------------------------------------


def test_every_cameo_code_has_a_relation_or_a_reason():
    assert len(cameo()) >= 312
    assert {code[:2] for code in cameo()} == {f"{i:02}" for i in range(1, 21)}
    for code, (relation, note) in cameo().items():
        assert relation or note, code
        if relation:
            matched = load_ontology().relation_of_cameo(code)
            assert (matched is not None and matched.name == relation) or code == "054", code


def test_names_of_cameo_codes_are_found_as_quadruple_files_write_them():
    assert cameo_names()["use conventional military force"] == "190"
    assert cameo_names()["return release person s"] == "0841"
    assert set(cameo_names().values()) <= {code for code, *_ in table_rows("cameo.tsv")}


@pytest.mark.parametrize(
    ("scheme", "kinds", "reading"),
    [
        ("icews role", ("Police",), "state"),
        ("icews role", ("Ministry of Shipping",), "state"),
        ("icews role", ("Armed Gang",), "rebel"),
        ("icews role", ("Citizen",), "national"),
        ("icews sector", ("Parties", "Executive"), "state"),
        ("icews sector", ("Insurgents", "Government"), "rebel"),
        ("cameo type", ("GOV",), "state"),
        ("cameo type", ("OPP",), "opposition"),
        ("polecat sector", ("CVL",), "national"),
        ("acled kind", ("State forces",), "state"),
        ("acled kind", ("7",), "national"),
        ("icews role", (), None),
    ],
)
def test_kinds_of_actors(scheme, kinds, reading):
    assert kind_of(scheme, kinds) == reading


# --- Formats -------------------------------------------------------------------------------------------


def test_icews(bring):
    back = icews(
        "Nepal",
        "NA",
        "Nepal",
        "040",
        "Foreign Affairs (India)",
        "Foreign Ministry,Government",
        "India",
        key="2",
    )
    rows = [
        ICEWS,
        MEETING,
        back,
        icews(
            "Military (Pakistan)", "Military,Government", "Pakistan", "190", "India", "NA", "India", key="3"
        ),
        icews(
            "Citizen (India)",
            "General Population / Civilian / Social",
            "India",
            "112",
            "Nepal",
            "NA",
            "Nepal",
            key="4",
        ),
        icews("India", "NA", "India", "010", "Nepal", "NA", "Nepal", key="5"),
    ]
    report, store, rejected = bring("icews", *rows)
    assert (report.rows, report.kept, report.broken) == (5, 3, 0)
    assert told(store) == [("IND", "consult", "NPL", "2018-06-01"), ("PAK", "assault", "IND", "2018-06-01")]
    assert [(row["line"], row["column"]) for row in rejected] == [("5", "actor"), ("6", "event code")]
    assert "private person" in rejected[0]["reason"]
    assert rejected[1]["reason"].startswith("CAMEO 010 is left out")


def test_nationals_count_when_asked_for(bring):
    row = icews(
        "Citizen (India)", "General Population / Civilian / Social", "India", "112", "Nepal", "NA", "Nepal"
    )
    _, store, _ = bring("icews", ICEWS, row, nationals=True)
    assert told(store) == [("IND", "accuse", "NPL", "2018-06-01")]


def test_polecat_with_its_quirks(bring):
    row = polecat(
        Event_ID="7",
        Event_Date="2021-03-04",
        Event_Type="SANCTION",
        Actor_Name="Café",
        Actor_Country="USA",
        Primary_Actor_Sector="GOV",
        Recipient_Name="Russia",
        Recipient_Country="RUS",
        Primary_Recipient_Sector="GOV",
    )
    data = f"{POLECAT}\n{row}\t\t\n".encode("latin-1")  # no UTF-8, and two tabs too many
    report, store, _ = bring("polecat", data=data)
    assert (report.kept, told(store)) == (1, [("USA", "sanction", "RUS", "2021-03-04")])
    assert "Café" in next(Graph.load(store).statements()).evidence[0].quote


@pytest.mark.parametrize("size", [61, 58, 57])
def test_gdelt_of_all_versions(bring, size):
    row = gdelt(
        size,
        GLOBALEVENTID="5",
        SQLDATE="20140218",
        Actor1CountryCode="USA",
        Actor1Type1Code="GOV",
        Actor1Name="WASHINGTON",
        Actor2CountryCode="IRN",
        Actor2Name="IRAN",
        EventCode="042",
    )
    _, store, _ = bring("gdelt", row)
    assert told(store) == [("IRN", "consult", "USA", "2014-02-18")]


def test_phoenix(bring):
    row = phoenix(
        EventID="1",
        Date="20151130",
        SourceActorFull="RUSGOV",
        SourceActorEntity="RUS",
        SourceActorRole="GOV",
        TargetActorFull="TURMIL",
        TargetActorEntity="TUR",
        TargetActorRole="MIL",
        EventCode="138",
    )
    _, store, _ = bring("phoenix", row)
    assert told(store) == [("RUS", "threaten", "TUR", "2015-11-30")]


def test_quadruples_with_names_and_clock(bring, tmp_path):
    (tmp_path / "entity2id.txt").write_text("China\t0\nPolice_(Japan)\t1\nSergey_Viktorovich_Lavrov\t2\n")
    (tmp_path / "relation2id.txt").write_text("Make_a_visit\t0\nAccuse\t1\n")
    rows = [
        "0\t1\t1\t24\t-1",
        "2\t0\t0\t48\t-1",
        "0\t9\t1\t24\t-1",
        "0\t1\t1\tsoon\t-1",
        "0\t1\t1\t99999999999\t-1",
    ]
    report, store, rejected = bring(
        "quadruples",
        *rows,
        start=date(2014, 1, 1),
        unit="hours",
        entities=tmp_path / "entity2id.txt",
        relations=tmp_path / "relation2id.txt",
    )
    assert told(store) == [("CHN", "accuse", "JPN", "2014-01-02"), ("CHN", "consult", "RUS", "2014-01-03")]
    assert [(row["line"], row["column"]) for row in rejected] == [
        ("3", "relation"),
        ("4", "time"),
        ("5", "time"),
    ]
    assert report.broken == 3


def test_ucdp_only_between_governments(bring):
    head = "id,date_start,date_end,side_a,side_b,gwnoa,gwnob"
    rows = [
        head,
        '1,1999-05-26 00:00:00.000,1999-05-30 00:00:00.000,"Government of India",Pakistan,750,770',
        "2,1999-05-26,1999-05-26,Government of India,CPI-Maoist,750,",
    ]
    _, store, rejected = bring("ucdp", *rows)
    (stmt,) = Graph.load(store).statements()
    assert (stmt.source, stmt.relation, stmt.target) == ("IND", "assault", "PAK")
    assert (stmt.when.start, stmt.when.end) == (date(1999, 5, 26), date(1999, 5, 30))
    assert rejected[0]["reason"] == "not between two governments"


def test_acled(bring):
    head = "event_id_cnty,event_date,event_type,sub_event_type,actor1,inter1,actor2,inter2,notes"
    rows = [
        head,
        "A1,24 February 2022,Explosions/Remote violence,Air/drone strike,Military Forces of Russia (2000-),8,"
        'Military Forces of Ukraine (2019-),1,"two\nlines, quoted"',
        "A2,2022-02-25,Protests,Peaceful protest,Protesters (Ukraine),6,,0,",
    ]
    _, store, rejected = bring("acled", *rows)
    assert told(store) == [("RUS", "assault", "UKR", "2022-02-24")]
    assert rejected[0]["reason"] == "there is only one actor"


# --- Bad input -----------------------------------------------------------------------------------------


def test_a_missing_column_is_named(bring):
    with pytest.raises(InputError, match="column 'CAMEO Code' is missing; ICEWS needs"):
        bring("icews", ICEWS.replace("CAMEO Code", "Code"), MEETING)


def test_the_wrong_format_is_named(bring):
    with pytest.raises(InputError, match=r"events.txt:1: has 20 columns.*61 or 58 or 57"):
        bring("gdelt", MEETING)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(MEETING + "\textra", "more cells than columns", id="extra tab with content"),
        pytest.param("1\t2018-06-01", "too few cells", id="short row"),
        pytest.param(MEETING.replace("2018-06-01", "2018-13-01"), "no date", id="month 13"),
        pytest.param(MEETING.replace("2018-06-01", "0018-06-01"), "out of range", id="year 18"),
        pytest.param(MEETING.replace("\t040\t", "\t999\t"), "unknown event code", id="unknown code"),
    ],
)
def test_a_broken_row_is_rejected_with_its_line_and_the_rest_goes_on(bring, row, reason):
    report, store, rejected = bring("icews", ICEWS, row, MEETING)
    assert (report.kept, report.broken) == (1, 1)
    assert (rejected[0]["line"], reason in rejected[0]["reason"]) == ("2", True)
    assert told(store) == [("IND", "consult", "NPL", "2018-06-01")]


def test_half_a_gzip_file_gives_what_it_has(bring):
    rows = [ICEWS] + [MEETING.replace("2018-06-01", f"2018-06-{day:02}") for day in range(1, 31)] * 40
    packed = gzip.compress("\n".join(rows).encode(), mtime=0)
    whole, _, _ = bring("icews", data=packed, name="whole.tab.gz")
    assert (whole.rows, whole.broken) == (1200, 0)
    half, _, rejected = bring("icews", data=packed[: len(packed) * 2 // 3], name="half.tab.gz")
    assert 0 < half.kept < 1200
    assert half.broken == 1
    assert "only half of it" in rejected[-1]["reason"]


def test_zip_archives_are_read_file_by_file(tmp_path):
    path = tmp_path / "events.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.tab", f"{ICEWS}\n{MEETING}\n")
        archive.writestr("b.tab", f"{ICEWS}\n{MEETING.replace('Nepal', 'Bhutan')}\n")
    assert [line.cells["Target Name"] for line in read_rows(path, "icews")] == ["Nepal", "Bhutan"]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="no complete zip archive"):
        list(read_rows(path, "icews"))


def test_no_file_and_no_format(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        import_events([tmp_path / "none.txt"], tmp_path / "store", format="icews")
    with pytest.raises(InputError, match="choose one of"):
        import_events([tmp_path], tmp_path / "store", format="excel")
    with pytest.raises(InputError, match="--start"):
        import_events([tmp_path], tmp_path / "store", format="quadruples")


def test_names_need_a_number(tmp_path):
    path = tmp_path / "names.txt"
    path.write_text("China\t0\nJapan\n")
    with pytest.raises(InputError, match=r"names\.txt:2"):
        read_names(path)


# --- The store -----------------------------------------------------------------------------------------


def test_importing_again_changes_nothing_and_replaces(bring):
    _, store, _ = bring("icews", ICEWS, MEETING)
    first = Graph.load(store).view("engagement").to_csv()
    bring("icews", ICEWS, MEETING)
    assert Graph.load(store).view("engagement").to_csv() == first
    bring("icews", ICEWS, MEETING.replace("2018-06-01", "2018-06-02"))
    assert told(store) == [("IND", "consult", "NPL", "2018-06-02")]


def test_imports_make_no_plain_triples_unless_their_confidence_is_known(bring):
    query = "SELECT ?a ?b { ?a rel:consult ?b } ORDER BY ?a"
    _, store, _ = bring("icews", ICEWS, MEETING)
    assert Graph.load(store).sparql(query).rows == []
    bring("icews", ICEWS, MEETING, confidence=0.8)
    assert len(Graph.load(store).sparql(query).rows) == 2


def test_event_data_is_apart_from_texts(bring, tmp_path):
    words = "India accused Nepal"
    evidence = Evidence("d", Span(0, len(words)), words, words, "hand 1", "by hand")
    stmt = Statement("IND", "accuse", "NPL", confidence=0.9, evidence=(evidence,))
    with Graph.open(tmp_path / "store") as graph:
        graph.add(Document("d", words, published=date(2018, 6, 1)), [stmt])
    before = Graph.load(tmp_path / "store").view("actions").to_csv()
    _, store, _ = bring("icews", ICEWS, MEETING)
    graph = Graph.load(store)
    assert graph.origins() == ["icews", "text"]
    assert graph.view("actions").to_csv() == before
    assert graph.view("engagement", origin="icews").graph.has_edge("IND", "NPL")
    assert len(graph.table("all")) == len(graph.table("icews")) + len(graph.table("text"))
    with pytest.raises(InputError, match="origin 'gdelt'"):
        graph.view("tension", origin="gdelt")


def test_the_table_is_the_same_from_the_file_and_from_the_graph(bring, tmp_path):
    from kg.views.flat import from_graph
    from kg.views.table import Table

    _, store, _ = bring("icews", ICEWS, MEETING, MEETING.replace("\t040\t", "\t112\t"))
    graph = Graph.load(store)
    published = {document.id: document.published for document in graph.documents()}
    one, two = graph.table(), from_graph(graph)
    three = Table.from_statements(graph.statements(), published)
    for other in (two, three):
        assert one.actors == other.actors
        for name in ("source", "target", "relation", "day", "status", "statement"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_every_number_opens_down_to_the_row(bring):
    _, store, _ = bring("icews", ICEWS, MEETING)
    graph = Graph.load(store)
    (identifier,) = graph.view("engagement").statements("IND", "NPL")
    (entry,) = graph.explain("IND", "NPL")
    assert entry.stmt.id == identifier
    assert entry.evidence.quote == MEETING
    assert entry.document.text[entry.evidence.span.start : entry.evidence.span.end] == MEETING
    assert graph.check() == []


def test_a_table_alone_is_enough_for_views(bring):
    _, store, _ = bring("icews", ICEWS, MEETING, table_only=True)
    graph = Graph.load(store)
    assert len(graph) == 0
    assert graph.view("engagement").graph.has_edge("IND", "NPL")


def test_reports_name_examples():
    report = Report()
    report.reject(Rejected("a.txt", 3, "this is no date", "Event Date", "soon"))
    assert str(report.examples["this is no date"]) == "a.txt:3: Event Date this is no date: 'soon'"
    assert {*FORMATS} == {*layouts()}

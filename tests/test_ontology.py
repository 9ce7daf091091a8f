from __future__ import annotations

import ast
import csv
import json
import re
import shutil
from pathlib import Path

import pytest

import kg.ontology
import kg.resources
from kg.errors import OntologyError
from kg.model import STATUSES
from kg.ontology import ACT, ID, KG, PREFIXES, RDF, RDFS, REL, SKOS, Namespace, load_ontology, read_turtle

ROOT = Path(__file__).parent.parent
ONTOLOGIES = ROOT / "ontologies"
SHARED = ROOT.parent / "shared"
FILES = ("diplomacy.ttl", "relations.ttl", "alignment.ttl", "shapes.ttl")

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

EVENTS = {
    "verbal cooperation": "agree consult support concede",
    "material cooperation": "cooperate aid retreat",
    "verbal conflict": "request accuse reject threaten",
    "material conflict": "protest sanction mobilize coerce assault",
}
STATES = (
    "recognizes diplomatic_relations has_mission_in allied_with friendly_with at_odds_with member_of borders "
    "present_in"
)


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


def test_the_relations_are_the_sixteen_events_and_nine_states_of_the_coding_rules(ontology):
    assert {r.name for r in ontology.events} == set(" ".join(EVENTS.values()).split())
    assert {r.name for r in ontology.states} == set(STATES.split())


@pytest.mark.parametrize("quad", EVENTS)
def test_quad_classes(ontology, quad):
    assert {r.name for r in ontology.events if r.quad == quad} == set(EVENTS[quad].split())


def test_states_of_affairs_have_neither_quad_class_nor_severity(ontology):
    assert {(r.quad, r.severity) for r in ontology.states} == {(None, None)}


@pytest.mark.parametrize(
    "name, axis, severity",
    [
        ("agree", "cooperation", 2.5),
        ("consult", "cooperation", 2.5),
        ("support", "cooperation", 5),
        ("concede", "cooperation", 4.5),
        ("cooperate", "cooperation", 9.5),
        ("aid", "cooperation", 10),
        ("retreat", "cooperation", 6.5),
        ("request", None, 0),
        ("accuse", "conflict", 3),
        ("reject", "conflict", 2),
        ("threaten", "conflict", 3.5),
        ("protest", "conflict", 5),
        ("sanction", "conflict", 6),
        ("mobilize", "conflict", 5.5),
        ("coerce", "conflict", 7),
        ("assault", "conflict", 9),
    ],
)
def test_severity_is_the_expert_score_of_plover_without_its_sign(ontology, name, axis, severity):
    relation = ontology.relation(name)
    assert (relation.axis, relation.severity) == (axis, severity)


def test_ties_have_a_sign(ontology):
    signs = {r.name: r.axis for r in ontology.states if r.axis}
    assert signs == {"allied_with": "cooperation", "friendly_with": "cooperation", "at_odds_with": "conflict"}


def test_a_promise_is_directed_although_comparing_codings_ignores_its_direction(ontology):
    free = {r.name for r in ontology.relations.values() if r.direction_free}
    symmetric = {r.name for r in ontology.relations.values() if r.symmetric}
    assert free - symmetric == {"agree"}
    assert symmetric == {
        "consult",
        "cooperate",
        "diplomatic_relations",
        "allied_with",
        "friendly_with",
        "at_odds_with",
        "borders",
    }


def test_each_example_is_read_as_its_own_relation(ontology):
    for relation in ontology.relations.values():
        reading = re.search(r" = ([A-Z-]+) (\w+) ([A-Z-]+)$", relation.example)
        assert reading, relation.example
        assert reading[2] == relation.name
        assert reading[1] != reading[3]


def test_every_plover_type_belongs_to_one_relation(ontology):
    codes = [code for r in ontology.relations.values() for code in r.plover]
    assert len(codes) == len(set(codes)) == 16
    assert ontology.relation_of_plover("sanction").name == "sanction"
    assert ontology.relation_of_plover("GAZE") is None


@pytest.mark.parametrize(
    "code, name",
    [
        ("010", None),
        ("02", "request"),
        ("0256", "request"),
        ("035", "concede"),
        ("0356", "concede"),
        ("036", "agree"),
        ("057", "agree"),
        ("051", "support"),
        ("081", "concede"),
        ("0841", "retreat"),
        ("163", "sanction"),
        ("1711", "coerce"),
        ("1712", "assault"),
        ("175", "assault"),
        ("190", "assault"),
        ("191", "coerce"),
        ("2042", "assault"),
        ("", None),
    ],
)
def test_cameo_codes_go_to_the_longest_prefix(ontology, code, name):
    found = ontology.relation_of_cameo(code)
    assert (found.name if found else None) == name


def test_unknown_relations_are_named_with_the_known_ones(ontology):
    with pytest.raises(OntologyError, match=r"'consults' is not a relation.*consult, cooperate"):
        ontology.relation("consults")


# --- namespaces ---


def test_namespaces_give_whole_iris():
    assert KG.Statement == "https://w3id.org/bilateral-kg/ontology#Statement"
    assert REL.consult == REL["consult"] == load_ontology().relation("consult").iri
    assert ACT["PAK-REB"] == "https://w3id.org/bilateral-kg/actor/PAK-REB"
    assert ID.local(ID["graph/doc-0a1b"]) == "graph/doc-0a1b"
    assert ID.local(KG.Statement) is None


def test_names_that_the_turtle_does_not_define_raise():
    with pytest.raises(AttributeError, match=r"'Statment' is not defined in ontologies/diplomacy.ttl"):
        _ = KG.Statment
    with pytest.raises(KeyError, match=r"relations.ttl"):
        _ = REL["visit"]
    assert not hasattr(KG, "nonsense")
    assert "Statement" in KG
    assert "nonsense" not in KG


@pytest.mark.parametrize("local", ["", "a b", "a=b", "x,y", "/a", "a/", "ü"])
def test_local_names_that_turtle_cannot_write_bare_are_refused(local):
    with pytest.raises(ValueError, match="cannot be a name below"):
        Namespace("http://example.org/")[local]


# --- the files ---


@pytest.mark.parametrize("file", FILES)
def test_turtle_is_read_alike_by_two_parsers_and_holds_no_blank_node(file):
    import rdflib
    from pyoxigraph import BlankNode

    triples = read_turtle(ONTOLOGIES / file)
    assert not [t for t in triples if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode)]
    assert len(rdflib.Graph().parse(ONTOLOGIES / file)) == len(set(triples))


@pytest.mark.parametrize("file", FILES)
def test_no_term_is_described_twice(file):
    subjects = re.findall(r"^(\w+:\S+) a ", (ONTOLOGIES / file).read_text(encoding="utf-8"), re.M)
    assert len(subjects) == len(set(subjects))


def test_labels_and_comments_are_english(ontology):
    for file in FILES[:2]:
        for triple in read_turtle(ONTOLOGIES / file):
            if triple.predicate.value in (
                RDFS.label,
                RDFS.comment,
                SKOS.definition,
                SKOS.scopeNote,
                SKOS.example,
            ):
                assert triple.object.language == "en", triple
                assert triple.object.value.strip() == triple.object.value != ""


def graph(*files: str):
    import rdflib

    found = rdflib.Graph()
    for file in files:
        found.parse(ONTOLOGIES / file)
    return found


def validate(data) -> str:
    pyshacl = pytest.importorskip("pyshacl")
    _, _, report = pyshacl.validate(data, shacl_graph=graph("shapes.ttl"))
    return report


def test_the_ontology_conforms_to_its_own_shapes():
    assert "Conforms: True" in validate(graph("diplomacy.ttl", "relations.ttl"))


@pytest.mark.parametrize(
    "subject, predicate, message",
    [
        (KG.Statement, RDFS.label, "a term has exactly one label"),
        (KG.Alleged, RDFS.comment, "a term has exactly one comment"),
        (REL.consult, SKOS.example, "a relation has exactly one example"),
        (REL.borders, SKOS.broader, "a relation has exactly one broader concept"),
        (REL.borders, SKOS.notation, "a relation has exactly one notation"),
        (REL.assault, KG.severity, "an event has exactly one severity"),
        (REL.assault, "http://purl.org/dc/terms/source", "an event names the source of its severity"),
    ],
)
def test_shapes_miss_nothing_that_is_taken_out_of_the_ontology(subject, predicate, message):
    from rdflib import URIRef

    data = graph("diplomacy.ttl", "relations.ttl")
    assert (URIRef(subject), URIRef(predicate), None) in data
    data.remove((URIRef(subject), URIRef(predicate), None))
    assert message in validate(data)


def test_alignment_starts_only_from_terms_that_exist():
    for triple in read_turtle(ONTOLOGIES / "alignment.ttl"):
        for names in (KG, REL):
            name = names.local(triple.subject.value)
            assert name is None or name in names, triple


def test_shapes_use_only_terms_that_exist():
    text = (ONTOLOGIES / "shapes.ttl").read_text(encoding="utf-8")
    used = set(re.findall(r"\bkg:(\w+)", text))
    assert used > {"Statement", "Evidence"}
    assert used <= set(KG)


def test_every_shape_is_reached_from_a_node_shape():
    text = (ONTOLOGIES / "shapes.ttl").read_text(encoding="utf-8")
    defined = re.findall(r"^(shape:\S+) a sh:(?:Property|SPARQL)", text, re.M)
    assert len(defined) > 40
    assert [name for name in defined if len(re.findall(rf"{name}\b(?!-)", text)) < 2] == []


# --- the terms that code uses ---


def code_terms(space: str, prefix: str) -> set[str]:
    """Names of a namespace in the package and its queries: `KG.x`, `KG["x"]`, and `kg:x` inside text.

    Where a module looks names up, as in `KG[name]`, every text in it that is a name counts.
    """
    found: set[str] = set()
    for path in sorted((ROOT / "kg").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)
        }
        texts: set[str] = set()
        looks_up = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute | ast.Subscript):
                if isinstance(node.value, ast.Name) and node.value.id == space:
                    if isinstance(node, ast.Attribute):
                        found.add(node.attr)
                    elif isinstance(node.slice, ast.Constant):
                        found.add(str(node.slice.value))
                    else:
                        looks_up = True
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
                texts.add(node.value)
        found |= {name for text in texts for name in prefixed(text, prefix)}
        if looks_up:
            found |= texts & set({"KG": KG, "REL": REL}[space])
    for path in sorted({*ROOT.glob("kg/**/*.rq"), *ONTOLOGIES.glob("**/*.rq")}):
        found |= prefixed(path.read_text(encoding="utf-8"), prefix)
    return found - {"base", "local", "file"}


def prefixed(text: str, prefix: str) -> set[str]:
    return set(re.findall(rf"(?<![\w-]){prefix}:([A-Za-z][\w-]*)", text))


def test_prefixes_are_found_in_queries():
    assert prefixed("?s kg:source ?a ; a kg:Statement. # bkg:no", "kg") == {"source", "Statement"}


def test_every_term_that_code_uses_is_defined():
    assert code_terms("KG", "kg") - set(KG) == set()
    assert code_terms("REL", "rel") - set(REL) == set()


def test_no_module_writes_the_base_of_an_iri_but_ontology():
    for path in sorted((ROOT / "kg").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
                assert path.name == "ontology.py" or kg.ontology.BASE not in node.value, path


def test_every_term_that_is_defined_is_used():
    """By code, by a query, by relations.ttl, or by the description of a term that is."""
    mentions: dict[str, set[str]] = {name: set() for name in KG}
    for triple in read_turtle(ONTOLOGIES / "diplomacy.ttl"):
        subject, value = KG.local(triple.subject.value), KG.local(getattr(triple.object, "value", ""))
        if subject and value:
            mentions[subject].add(value)
    used = code_terms("KG", "kg") | {status.capitalize() for status in STATUSES}
    for triple in read_turtle(ONTOLOGIES / "relations.ttl"):
        used |= set(
            filter(None, map(KG.local, (triple.predicate.value, getattr(triple.object, "value", ""))))
        )
    while more := {name for user in used for name in mentions[user]} - used:
        used |= more
    assert set(KG) - used == set()


def test_statuses_of_the_model_are_those_of_the_ontology():
    status = {t.subject.value for t in read_turtle(ONTOLOGIES / "diplomacy.ttl") if is_a(t, KG.Status)}
    assert status == {KG[name.capitalize()] for name in STATUSES}


def is_a(triple, kind: str) -> bool:
    return triple.predicate.value == RDF.type and triple.object.value == kind


def test_prefixes_are_those_of_the_files():
    for file in FILES[:2]:
        text = (ONTOLOGIES / file).read_text(encoding="utf-8")
        for prefix, iri in re.findall(r"^@prefix (\w+): <(.*)> \.$", text, re.M):
            assert PREFIXES.get(prefix, iri) == iri


# --- mistakes in the files ---


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the files that a test may break; `edit(file, old, new)`."""
    shutil.copytree(ONTOLOGIES, tmp_path / "ontologies")
    caches = (load_ontology, kg.ontology._subjects, kg.ontology._names)

    def edit(file: str, old: str, new: str) -> None:
        path = tmp_path / "ontologies" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    monkeypatch.setattr(kg.resources, "PACKAGE", tmp_path / "kg")
    for cache in caches:
        cache.cache_clear()
    yield edit
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    "old, new, message",
    [
        pytest.param(
            "kg:severity 9.0", "kg:severity 99", "assault>: kg:severity is '99'; give a number from 0 to 10"
        ),
        pytest.param("kg:severity 9.0 ;", "", "assault>: an event needs one quad class"),
        pytest.param(
            "kg:EventRelation, owl:Symm", "owl:Symm", "consult>: has no class; make it a kg:EventRelation"
        ),
        pytest.param('rdfs:label "borders"@en ;', "", "borders>: has 0 values of"),
        pytest.param(
            "kg:axis kg:ConflictAxis", "kg:axis kg:Event", "kg:axis must be kg:ConflictAxis or kg:Coop"
        ),
        pytest.param("@prefix rel:", "@prefixrel:", r"relations.ttl: not readable as Turtle"),
    ],
)
def test_mistakes_are_named_with_file_and_relation(copy, old, new, message):
    copy("relations.ttl", old, new)
    with pytest.raises(OntologyError, match=re.escape(message)):
        load_ontology()


def test_a_new_relation_needs_no_code(copy):
    copy(
        "relations.ttl",
        "# --- States of affairs",
        """rel:apologise a rdf:Property, skos:Concept, kg:EventRelation ;
    rdfs:label "apologise"@en ; rdfs:comment "Says sorry."@en ; skos:definition "Apologising."@en ;
    skos:scopeNote "Finer than support."@en ;
    skos:example "Italy apologised to Libya. = ITA apologise LBY"@en ;
    kg:severity 7.0 ; skos:broader kg:VerbalCooperation ; skos:narrowMatch cameo:055 .
# --- States of affairs""",
    )
    ontology = load_ontology()
    assert ontology.relation("apologise").quad == "verbal cooperation"
    assert ontology.relation_of_cameo("055").name == "apologise"
    assert REL.apologise.endswith("relation/apologise")


# --- against the files of others, where they are at hand ---


@pytest.mark.shared
def test_symmetry_and_classes_are_those_of_the_scorer(ontology):
    scorer = shared_scorer()
    assert {r.name for r in ontology.relations.values()} == scorer["RELATIONS"]
    assert {r.name for r in ontology.relations.values() if r.direction_free} == scorer["SYMMETRIC"]
    assert {r.name: r.quad for r in ontology.events} == scorer["QUAD"]


def shared_scorer() -> dict[str, object]:
    path = SHARED / "eval" / "score.py"
    if not path.exists():
        pytest.skip("the development texts are not beside the checkout")
    space: dict[str, object] = {"__name__": "scorer"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space


@pytest.mark.shared
def test_every_cameo_code_has_the_plover_type_of_the_published_conversion_or_a_stated_difference(ontology):
    table = SHARED / "data" / "views" / "CAMEO2PLOVER-2021.txt"
    names = SHARED / "data" / "views" / "cameo_codes_goldstein.csv"
    if not table.exists():
        pytest.skip("the conversion table is not beside the checkout")
    plover = dict(re.findall(r"^(\d{2,4}): ([A-Z]+)", table.read_text(encoding="utf-8"), re.M))
    stated = {"057": "agree", "163": "sanction", "0813": "concede", "0814": "concede", "08": "concede"}
    differences = {}
    with names.open(encoding="latin-1") as lines:
        codes = [row["code"] for row in csv.DictReader(lines)]
    assert len(codes) > 250
    for code in codes:
        found = ontology.relation_of_cameo(code)
        if code.startswith("01"):
            assert found is None
            continue
        wanted = ontology.relation_of_plover(plover[code]) if code in plover else None
        if wanted and found != wanted and not code.startswith("035"):
            differences[code] = found.name
    assert differences == {code: name for code, name in stated.items() if code in differences}
    assert json.dumps(sorted(differences)) == json.dumps(["057", "08", "0813", "0814", "163"])

from __future__ import annotations

import contextlib
import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import InputError
from kg.model import Evidence, Span, Statement, When
from kg.score import Accuracy, Level, Row, read_rows, score

SHARED = Path(__file__).parent.parent.parent / "shared" / "eval"


def row(text: str, **more: object) -> Row:
    """`row("IND consult AFG -")`."""
    source, relation, target, *polarity = text.split()
    return Row(source, relation, target, *polarity, **more)


def scores(gold: list[Row], predicted: list[Row]):
    return score({"a": tuple(gold)}, {"a": tuple(predicted)})


@pytest.mark.parametrize(
    "gold, predicted, strict, typed, quad, dyad",
    [
        pytest.param("IND aid AFG", "IND aid AFG", (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), id="same"),
        pytest.param(
            "IND aid AFG", "IND aid AFG -", (0, 1, 1), (1, 0, 0), (1, 0, 0), (1, 0, 0), id="polarity"
        ),
        pytest.param(
            "IND aid AFG", "AFG aid IND", (0, 1, 1), (0, 1, 1), (1, 0, 0), (1, 0, 0), id="direction"
        ),
        pytest.param(
            "IND consult AFG", "AFG consult IND", (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), id="symmetric"
        ),
        pytest.param(
            "IND agree AFG", "AFG agree IND", (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), id="agree"
        ),
        pytest.param(
            "IND aid AFG", "IND retreat AFG", (0, 1, 1), (0, 1, 1), (1, 0, 0), (1, 0, 0), id="quad class"
        ),
        pytest.param(
            "IND aid AFG", "IND accuse AFG", (0, 1, 1), (0, 1, 1), (0, 1, 1), (1, 0, 0), id="dyad only"
        ),
        pytest.param(
            "IND borders AFG",
            "IND present_in AFG",
            (0, 1, 1),
            (0, 1, 1),
            (0, 1, 1),
            (1, 0, 0),
            id="states differ",
        ),
        pytest.param(
            "IND aid AFG", "IND aid PAK", (0, 1, 1), (0, 1, 1), (0, 1, 1), (0, 1, 1), id="other pair"
        ),
        pytest.param(
            "IND aid AFG",
            "IND teleport AFG",
            (0, 1, 1),
            (0, 1, 1),
            (0, 1, 1),
            (1, 0, 0),
            id="unknown relation",
        ),
    ],
)
def test_one_statement_against_one(gold, predicted, strict, typed, quad, dyad):
    result = scores([row(gold)], [row(predicted)])
    levels = (result.strict, result.typed, result.quad, result.dyad)
    assert [(level.right, level.wrong, level.missed) for level in levels] == [strict, typed, quad, dyad]


def test_optional_statements_are_neither_rewarded_nor_punished():
    wanted = [row("IND aid AFG"), row("IND consult AFG", optional=True)]
    for predicted in ([row("IND aid AFG")], [row("IND aid AFG"), row("AFG consult IND")]):
        assert scores(wanted, predicted).strict == Level(right=1)


def test_a_statement_given_twice_counts_once():
    assert scores([row("IND aid AFG")], [row("IND aid AFG"), row("IND aid AFG")]).strict == Level(right=1)


def test_a_text_without_predictions_is_missed_and_one_without_gold_is_left_out():
    result = score({"a": (row("IND aid AFG"),)}, {"b": (row("IND aid AFG"),)})
    assert (result.strict, result.texts) == (Level(missed=1), 1)


def test_only_texts_whose_id_begins_so():
    gold = {"wire-1": (row("IND aid AFG"),), "book-1": (row("IND aid AFG"),)}
    assert score(gold, gold, ids="wire").strict == Level(right=1)


@pytest.mark.parametrize(
    "gold, predicted, right",
    [
        ("2024-11-04", "2024-11-04", True),
        ("2024-11", "2024-11-04", True),
        ("2024-11-04", "2024-11", False),
        ("2024-11-04", None, False),
        ("2024-11-04/2024-11-05", "2024-11-04", True),
    ],
)
def test_a_date_must_be_at_least_as_exact_as_in_gold(gold, predicted, right):
    result = scores([row("IND aid AFG", date=gold)], [row("IND aid AFG", date=predicted)])
    assert result.date == Accuracy(int(right), 1)


def test_status_is_compared_only_where_gold_has_one_and_only_on_strict_matches():
    wanted = [
        row("IND aid AFG", status="alleged"),
        row("IND consult AFG"),
        row("IND accuse PAK", status="actual"),
        row("IND reject PAK", status="actual"),
    ]
    found = [row("IND aid AFG", status="actual"), row("IND consult AFG"), row("IND accuse PAK")]
    assert scores(wanted, found).status == Accuracy(right=1, n=2)


def test_mistakes_name_the_text_and_show_its_words():
    result = scores([row("IND aid AFG", evidence="sent wheat")], [row("IND aid PAK", evidence="sent")])
    assert list(map(str, result.mistakes)) == [
        "wrong  a: IND aid PAK +  | sent",
        "missed a: IND aid AFG +  | sent wheat",
    ]
    assert result.as_text(mistakes=1).endswith("| sent")
    assert str(result).endswith("(0/1/1)")


def test_nothing_at_all_scores_zero():
    result = score({}, {})
    assert result.as_json()["strict"] == {"precision": 0, "recall": 0, "f1": 0, "tp": 0, "fp": 0, "fn": 0}
    assert result.status.share == 0


def test_rows_of_extracted_statements_are_those_of_their_json(tmp_path):
    stmt = Statement(
        "IND",
        "consult",
        "AFG",
        status="intended",
        when=When(date(2024, 11, 4), date(2024, 11, 5)),
        evidence=(Evidence("a", Span(0, 4), "will", "will", "kg 0", "r"),),
    )
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"id": "a", "statements": [stmt.as_json()]}) + "\n", encoding="utf-8")
    assert read_rows(path) == {"a": (Row.of(stmt),)}


@pytest.mark.parametrize(
    "line, message",
    [
        ("{", "not JSON at column 2"),
        ("[]", 'an object with a text "id" is needed'),
        ('{"id": 3, "statements": []}', 'an object with a text "id" is needed'),
        ('{"id": "b"}', "'b' needs a list \"statements\""),
        ('{"id": "b", "statements": [3]}', "statement 1 is not an object"),
        (
            '{"id": "b", "statements": [{"source": "A", "relation": "aid"}]}',
            "statement 1 needs a text 'target'",
        ),
        (
            '{"id": "b", "statements": [{"source": "A", "relation": "aid", "target": "B", "polarity": "n"}]}',
            "statement 1 has 'n' as polarity",
        ),
        (
            '{"id": "b", "statements": [{"source": "A", "relation": "aid", "target": "B", "date": 2024}]}',
            "statement 1 has 2024 as date",
        ),
        ('{"id": "a", "statements": []}', "id 'a' comes twice"),
    ],
)
def test_malformed_lines_are_named_by_number(tmp_path, line, message):
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "a", "statements": []}\n\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_rows(path)
    assert str(error.value).startswith(f"{path}:3: ")
    assert message in str(error.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    binary = tmp_path / "x.bin"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (binary, tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_rows(path)


# --- against the scorer that decides, where it is at hand ---


@pytest.fixture(scope="module")
def scorer():
    path = SHARED / "score.py"
    if not path.exists():
        pytest.skip("the development texts are not beside the checkout")
    space: dict[str, object] = {"__name__": "scorer", "__doc__": "x"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space


def spoil(statements: list[dict[str, object]], seed: int) -> list[dict[str, object]]:
    """What a middling extractor might find: some missed, some turned round, negated, misdated, doubled."""
    found = []
    for place, item in enumerate(statements):
        item, kind = dict(item), (place * 7 + seed) % 9
        if kind == 0:
            continue
        if kind == 1:
            item["source"], item["target"] = item["target"], item["source"]
        elif kind == 2:
            item["polarity"] = "-"
        elif kind == 3:
            item["relation"] = "accuse"
        elif kind == 4:
            item["status"] = "alleged"
        elif kind == 5:
            item["date"] = "1999"
        elif kind == 6:
            found.append(dict(item, target="ATA"))
        found.append(item)
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["train", "passages", "demo", "dev"])
@pytest.mark.parametrize("ids", ["", "a"])
def test_figures_and_table_are_those_of_the_scorer(scorer, name, ids, tmp_path, monkeypatch):
    gold = SHARED / f"{name}.gold.jsonl"
    predicted = tmp_path / "predicted.jsonl"
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    predicted.write_text(
        "".join(
            json.dumps({"id": r["id"], "statements": spoil(r["statements"], seed)}) + "\n"
            for seed, r in enumerate(rows)
            if seed % 11
        ),
        encoding="utf-8",
    )
    ours = score(read_rows(gold), read_rows(predicted), ids=ids)

    def theirs(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", ["score.py", str(gold), str(predicted), "--ids", ids, *options])
        with contextlib.redirect_stdout(io.StringIO()) as out:
            scorer["main"]()
        return out.getvalue()

    assert ours.as_json() == json.loads(theirs("--json"))
    assert list(ours.as_json()) == list(json.loads(theirs("--json")))
    assert ours.as_text(mistakes=40) + "\n" == theirs("--errors", "40")
    if not ids:
        assert 0.3 < ours.strict.f1 < 0.9


actor = st.sampled_from(["IND", "AFG", "PAK"])
item = st.fixed_dictionaries(
    {
        "source": actor,
        "target": actor,
        "relation": st.sampled_from(["agree", "consult", "aid", "retreat", "borders", "member_of", "odd"]),
        "polarity": st.sampled_from("+-"),
    },
    optional={
        "status": st.sampled_from(["actual", "alleged"]),
        "date": st.sampled_from(["2024", "2024-11", "2024-11-04", None]),
        "optional": st.booleans(),
    },
)
corpus = st.dictionaries(st.sampled_from("abc"), st.lists(item, max_size=8), max_size=3)


@pytest.mark.shared
@settings(max_examples=200, deadline=None)
@given(gold=corpus, predicted=corpus)
def test_any_two_files_score_as_the_scorer_says(scorer, tmp_path_factory, gold, predicted):
    folder = tmp_path_factory.mktemp("any", numbered=True)
    for name, texts in (("gold", gold), ("predicted", predicted)):
        lines = (json.dumps({"id": k, "statements": v}) + "\n" for k, v in texts.items())
        (folder / name).write_text("".join(lines), encoding="utf-8")
    theirs = scorer["score"](scorer["read"](folder / "gold"), scorer["read"](folder / "predicted"))
    ours = score(read_rows(folder / "gold"), read_rows(folder / "predicted"))
    assert len(theirs.pop("errors")) == len(ours.mistakes)
    assert ours.as_json() == theirs


@settings(max_examples=50, deadline=None)
@given(texts=st.dictionaries(st.sampled_from("abc"), st.lists(item, max_size=8), max_size=3))
def test_gold_against_itself_is_perfect(texts):
    rows = {
        name: tuple(Row(**{k: v for k, v in i.items() if k != "optional"}) for i in items)
        for name, items in texts.items()
    }
    result = score(rows, rows)
    assert not result.mistakes
    assert all(
        level.wrong == level.missed == 0 for level in (result.strict, result.typed, result.quad, result.dyad)
    )

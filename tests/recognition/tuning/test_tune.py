"""`encoder tune`: what it proposes for catalogues whose truth is known, and taking the proposal."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognition.encoders import PIXEL_KEY
from recognition.loaded import forget_encoders
from recognition.models import Encoder, EncoderActivation, EncoderAdapter, EncoderTuning
from recognition.tuning import command
from recognition.tuning.gathering import confirmed_sightings, photos_to_look_at
from recognition.tuning.tune import candidate_of, tune
from tests.factories import ProductFactory, with_photo
from tests.recognition.tuning.drawn import at_the_rim, in_the_middle, install, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def middle(encoder: Encoder, tmp_path: Path):
    yield _installed(write(tmp_path, in_the_middle))
    forget_encoders()


@pytest.fixture
def rim(encoder: Encoder, tmp_path: Path):
    yield _installed(write(tmp_path, at_the_rim))
    forget_encoders()


def _installed(folder: Path) -> Path:
    install(folder)
    return folder


def top1(folder: Path) -> float:
    out = folder / "figures.json"
    call_command("evaluate_search", folder / "queries.csv", json=out)
    return json.loads(out.read_text())["top1"]


def test_where_the_middle_tells_a_crop_is_proposed_and_nothing_changes(
    encoder: Encoder, middle: Path
) -> None:
    tuning = tune(encoder)
    assert tuning.proposal.verdict == "change"
    assert "tight" in tuning.proposal.chosen.views
    assert tuning.sample.photos == 125
    assert tuning.sample.single_share == 0
    assert Encoder.objects.count() == 1
    assert not EncoderAdapter.objects.exists()


def test_where_the_rim_tells_no_crop_is_proposed(encoder: Encoder, rim: Path) -> None:
    tuning = tune(encoder)
    assert tuning.proposal.chosen.views == ""


def test_the_proposal_goes_through_filling_and_rehearsal(
    encoder: Encoder, middle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, out = top1(middle), middle / "tune.json"
    call_command(
        "encoder", "tune", activate=True, json=out, labelled=middle / "queries.csv", images=middle
    )
    said = capsys.readouterr().out
    found = json.loads(out.read_text())
    assert found["proposal"]["verdict"] == "change"
    active = Encoder.objects.active()
    assert active != encoder
    assert f"{active.key} is active." in said
    candidate = candidate_of(active)
    assert candidate.views == found["proposal"]["views"]
    assert candidate.scoring == active.scoring == found["proposal"]["scoring"]
    assert top1(middle) > before
    assert EncoderActivation.objects.count() == 2
    call_command("encoder", "rollback")
    assert top1(middle) == before
    # Tuned again from there, it finds the same.
    again = tune(active)
    assert again.proposal.verdict == "keep"


def test_a_proposal_is_only_printed(
    encoder: Encoder, middle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("encoder", "tune")
    said = capsys.readouterr().out
    assert "Proposal (*)" in said
    assert "Nothing was changed" in said
    assert Encoder.objects.active() == encoder


def test_the_proposal_is_taken_without_a_second_search_while_nothing_changed(
    encoder: Encoder,
    middle: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call_command("encoder", "tune", json=middle / "first.json")
    said = capsys.readouterr().out
    # Not on a terminal: a line for each stage, instead of bars.
    assert said.index("Looking at 125 photos") < said.index("Trying the ways") < said.index("top-1")
    first = EncoderTuning.objects.get()
    searches = []
    monkeypatch.setattr(command, "tune", lambda *a, **k: searches.append(1) or tune(*a, **k))
    # A photo more: it is another catalogue, and the proposal is one of yesterday.
    photo = with_photo(3)
    call_command("encoder", "tune", activate=True)
    assert len(searches) == 1
    assert EncoderTuning.objects.get() != first
    call_command("encoder", "rollback")
    photo.delete()
    call_command("encoder", "tune", json=middle / "second.json")
    assert len(searches) == 2
    capsys.readouterr()
    call_command("encoder", "tune", activate=True, json=middle / "third.json")
    said = capsys.readouterr().out
    assert len(searches) == 2
    assert "The proposal of" in said
    assert "is active." in said
    second, third = (json.loads((middle / f"{n}.json").read_text()) for n in ("second", "third"))
    assert third == second
    assert (
        candidate_of(Encoder.objects.active()).scoring
        == EncoderTuning.objects.get().proposal["scoring"]
    )
    call_command("encoder", "rollback")
    call_command("encoder", "tune", activate=True, again=True)
    assert len(searches) == 3


def test_one_photo_a_product_is_too_little(
    encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(3):
        with_photo(seed)
    call_command("encoder", "tune", activate=True)
    assert "No proposal: too few photos" in capsys.readouterr().out
    assert Encoder.objects.active() == encoder


def test_an_empty_catalogue_is_too_little(
    encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("encoder", "tune")
    assert "No proposal" in capsys.readouterr().out


def test_without_an_encoder_it_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError, match="embed"):
        call_command("encoder", "tune")


def test_a_photo_that_cannot_be_read_is_passed_over(encoder: Encoder, middle: Path) -> None:
    rows, _of = photos_to_look_at()
    rows[0][0].file.storage.delete(rows[0][0].file.name)
    assert tune(encoder).sample.unreadable == 1


def test_whole_products_are_looked_at_and_only_those_that_are_sold(encoder: Encoder) -> None:
    products = [ProductFactory() for _ in range(4)]
    for at, product in enumerate(products):
        with_photo(at, product)
        with_photo(at + 50, product)
    products[0].is_active = False
    products[0].save()
    rows, of = photos_to_look_at()
    assert of == len(rows) == 6
    assert [first for _photo, first in rows] == [True, False] * 3
    assert not confirmed_sightings()


def test_a_labelled_photo_that_is_none_is_named(encoder: Encoder, middle: Path) -> None:
    (middle / "query-0.png").write_bytes(b"no photo")
    with pytest.raises(CommandError, match="labelled photo"):
        call_command("encoder", "tune", labelled=middle / "queries.csv", images=middle)
    with pytest.raises(CommandError, match="give both"):
        call_command("encoder", "tune", images=middle)


def test_the_key_says_what_it_is_made_of(encoder: Encoder, middle: Path) -> None:
    call_command("encoder", "tune", activate=True)
    active = Encoder.objects.active()
    assert active.key.startswith(PIXEL_KEY)
    if active.base is not None:
        assert active.key.startswith(f"{active.base.key}:adapter-")
        assert active.base.state == "building"
        assert active.origin["photos"] == 125

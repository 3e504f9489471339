"""The switch in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.roles import ANALYST, CATALOGUE_EDITOR
from recognition.embedding import embed_pending
from recognition.models import Encoder, EncoderRehearsal
from recognition.switching.activating import activate
from recognition.switching.rehearsal_queue import work_on_rehearsal
from recognition.switching.rehearsing import begin_rehearsal, rehearse
from tests.factories import person
from tests.recognition.switching.shop import SECOND_KEY, second, with_photos
from tests.recognition.switching.test_rehearsing import labelled

pytestmark = pytest.mark.django_db

LIST = reverse("admin:recognition_encoder_changelist")


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(person(CATALOGUE_EDITOR))
    return client


def page(encoder: Encoder) -> str:
    return reverse("admin:recognition_encoder_change", args=[encoder.pk])


def act(encoder: Encoder, action: str) -> str:
    return reverse("admin:recognition_encoder_act", args=[encoder.pk, action])


def test_from_adding_to_rolling_back(encoder: Encoder, editor: Client) -> None:
    with_photos(encoder, 4)
    other = second(filled=False)
    body = editor.get(page(other)).content.decode()
    assert "0 of 4 photos" in body
    assert "hx-get" in body
    refused = editor.post(act(other, "activate"), follow=True)
    assert "4 of 4 photos" in refused.content.decode()
    embed_pending(other)
    status = editor.get(reverse("admin:recognition_encoder_status", args=[other.pk]))
    assert status["HX-Refresh"] == "true"

    assert "Nothing changes for anybody" in editor.get(act(other, "rehearse")).content.decode()
    editor.post(act(other, "rehearse"))
    rehearsal = EncoderRehearsal.objects.get()
    work_on_rehearsal(rehearsal.pk)
    assert "Nothing was replayed" in editor.get(page(other)).content.decode()

    editor.post(act(other, "activate"))
    assert Encoder.objects.active() == other
    assert f"Roll back to {encoder.key}" in editor.get(LIST).content.decode()
    editor.post(reverse("admin:recognition_encoder_rollback"))
    assert Encoder.objects.active() == encoder

    editor.post(act(other, "retire"))
    other.refresh_from_db()
    assert other.state == "retired"
    assert "Add again" in editor.get(page(other)).content.decode()


def test_the_figures_of_a_rehearsal_stand_side_by_side(encoder: Encoder, editor: Client) -> None:
    with_photos(encoder, 4)
    other = second()
    rehearse(begin_rehearsal(encoder=other), labelled=labelled(4))
    body = editor.get(page(other)).content.decode()
    assert 'data-testid="figures"' in body
    assert "First product right" in body
    assert "4 labelled photos and 0 sightings" in body


def test_missing_photos_are_accepted_by_a_tick(encoder: Encoder, editor: Client) -> None:
    with_photos(encoder, 2)
    other = second(filled=False)
    assert 'name="force"' in editor.get(act(other, "activate")).content.decode()
    editor.post(act(other, "activate"), {"force": "1"})
    assert Encoder.objects.active() == other
    assert "2 photos were not ready" in editor.get(LIST).content.decode()


def test_a_key_that_is_none_is_an_error_of_the_form(encoder: Encoder, editor: Client) -> None:
    answer = editor.post(reverse("admin:recognition_encoder_begin"), {"key": "nonsense"})
    assert answer.status_code == 200
    assert "is no encoder key" in answer.content.decode()
    assert Encoder.objects.count() == 1


def test_who_may_look_may_not_switch(encoder: Encoder, client: Client) -> None:
    with_photos(encoder, 1)
    other = second()
    client.force_login(person(ANALYST))
    assert "Activate" not in client.get(page(other)).content.decode()
    for url in (act(other, "activate"), reverse("admin:recognition_encoder_rollback"),
                reverse("admin:recognition_encoder_begin")):  # fmt: skip
        assert client.post(url).status_code == 403
    assert Encoder.objects.active() == encoder


def test_other_actions_there_are_not(encoder: Encoder, editor: Client) -> None:
    assert editor.get(act(encoder, "explode")).status_code == 404
    assert (
        editor.post(reverse("admin:recognition_encoder_act", args=[99999, "retire"])).status_code
        == 404
    )


def test_the_permission_came_to_the_editors(db: None) -> None:
    held = Permission.objects.filter(group__name=CATALOGUE_EDITOR, codename="switch_encoder")
    assert held.exists()


def test_the_list_asks_as_often_for_ten_as_for_two(encoder: Encoder, editor: Client) -> None:
    activate(second(SECOND_KEY))
    editor.get(LIST)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        editor.get(LIST)
    for n in range(8):
        Encoder.objects.create(key=f"a:b:c{n}", dimension=4, speaks_text=False)
    with CaptureQueriesContext(connection) as many:
        editor.get(LIST)
    assert len(many) == len(few)

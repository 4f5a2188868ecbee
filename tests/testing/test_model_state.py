import pytest

from smtpsession.testing.model_state import Delivery, ModelState


def filled() -> ModelState:
    return ModelState(
        mode="command",
        hello="EHLO",
        offered={"AUTH": "PLAIN"},
        sender=b"",
        recipients=[b"b@s.example"],
        body="BINARYMIME",
        smtputf8=True,
        chunks="open",
        failed_recipients=1,
        content=b"x",
        authenticated=True,
    )


def test_the_end_of_a_transaction_clears_it_alone() -> None:
    state = filled()
    assert state.in_transaction
    state.end_transaction()
    assert state == ModelState(
        mode="command",
        hello="EHLO",
        offered={"AUTH": "PLAIN"},
        authenticated=True,
        transaction=2,
    )
    state.end_transaction()
    assert state.transaction == 2


def test_a_client_is_forgotten_whole() -> None:
    state = filled()
    state.forget_client()
    assert state == ModelState(mode="command", transaction=2)


@pytest.mark.parametrize(
    ("content", "is_exact"),
    [
        (b"", True),
        (b"a\r\n.\r\n\xe9", True),
        (b"a\nb", False),
        (b"a\rb", False),
        (b"\0", False),
        (b"a\r\r\n", False),
    ],
)
def test_content_without_bare_newlines_arrives_unchanged(
    content: bytes, is_exact: bool
) -> None:
    delivery = Delivery(
        transaction=1, sender=b"", recipients=(), envelope=(), content=content
    )
    assert delivery.is_exact is is_exact

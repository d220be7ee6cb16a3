import pytest

from notify.domain.address import deliverable, without_address


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("a.b@example.com", "a.b@example.com"),
        ("  a@example.com ", "a@example.com"),
        ("a@例子.测试", "a@xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_an_address_is_brought_into_the_form_of_the_wire(given: str, wire: str) -> None:
    assert deliverable(given) == wire


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "nobody",
        "@example.com",
        "a@",
        "a@b@c",
        "张三@example.com",
        "a@example.com\r\nBcc: x@y.z",
        "a b@c.d",
        "a@x..y",
    ],
)
def test_what_is_no_address_is_none(given: str | None) -> None:
    assert deliverable(given) is None


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <zhang.san@example.com>: Recipient address rejected",
        "550 user zhang.san@example.com unknown",
        "550 5.1.1 ZHANG.SAN... User unknown",
        "451 4.7.1 rcpt=<zhang.san@example.com> greylisted,\n try later",
    ],
)
def test_an_answer_is_kept_without_the_address(answer: str) -> None:
    kept = without_address(answer, "zhang.san@example.com")
    assert "zhang" not in kept.lower()
    assert "<address>" in kept
    assert kept.startswith(answer[:3])
    assert "\n" not in kept


def test_a_long_answer_is_cut() -> None:
    assert len(without_address("550 " + "x" * 5000, "a@example.com")) == 200

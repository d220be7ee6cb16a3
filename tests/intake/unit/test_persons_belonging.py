from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from intake.domain.identity import customer_keys
from intake.domain.privacy.belonging import Holder, belonging

EMAIL, OTHER_EMAIL, PHONE, REF = "e-ann", "e-bob", "p-1", "r-acme"
KEYS = st.lists(st.sampled_from(["e1", "e2", "p1", "p2", "r1"]), max_size=3, unique=True).map(sorted)


def of(*complaints: list[str], known: dict[str, Holder] | None = None) -> list[str]:
    numbers = count(1)
    return belonging(complaints, known or {}, lambda: f"new{next(numbers)}").person_ids


def test_the_same_address_is_the_same_person() -> None:
    assert of([EMAIL], [EMAIL, PHONE], [PHONE]) == ["new1", "new1", "new1"]


def test_who_gave_a_telephone_number_first_is_known_by_an_address_later() -> None:
    assert of([PHONE], [EMAIL, PHONE], [EMAIL]) == ["new1", "new1", "new1"]


def test_people_who_share_a_telephone_are_two() -> None:
    assert of([EMAIL, PHONE], [OTHER_EMAIL, PHONE]) == ["new1", "new2"]


def test_behind_the_number_of_a_company_stand_many_people() -> None:
    assert of([EMAIL, REF], [OTHER_EMAIL, REF], [REF], [REF]) == ["new1", "new2", "new3", "new3"]


def test_who_gives_nothing_is_nobody_else() -> None:
    assert of([], [], []) == ["new1", "new2", "new3"]


def test_what_is_known_decides() -> None:
    assert of([EMAIL, PHONE], known={EMAIL: Holder("ann", has_email=True)}) == ["ann"]
    assert of([EMAIL, PHONE], known={PHONE: Holder("ann", has_email=False)}) == ["ann"]
    assert of([EMAIL, PHONE], known={PHONE: Holder("bob", has_email=True)}) == ["new1"]


@given(st.lists(KEYS, max_size=8))
def test_a_group_belongs_to_the_same_people_as_its_complaints_one_by_one(complaints: list[list[str]]) -> None:
    numbers, known, alone = count(1), dict[str, Holder](), list[str]()
    for keys in complaints:
        found = belonging([keys], known, lambda: f"new{next(numbers)}")
        alone += found.person_ids
        known |= {key: Holder(person, has_email=False) for key, person in found.new_identities.items()}
        with_email = {holder.person_id for key, holder in known.items() if key.startswith("e")}
        known = {key: Holder(holder.person_id, holder.person_id in with_email) for key, holder in known.items()}
    assert of(*complaints) == alone


@given(st.lists(KEYS, max_size=8))
def test_every_identity_has_one_person_and_every_complaint_too(complaints: list[list[str]]) -> None:
    numbers = count(1)
    found = belonging(complaints, {}, lambda: f"new{next(numbers)}")
    assert len(found.person_ids) == len(complaints)
    assert set(found.new_identities.values()) <= set(found.new_persons)
    assert len(set(found.new_persons)) == len(found.new_persons)


def test_an_identity_counts_however_it_is_written() -> None:
    def digest(kind: str, value: str) -> str:
        return f"{kind}:{value}"

    one = customer_keys(digest, ref=" KD-1 ", email="Ann@Example.com", phone="+86 138 1234 5678")
    other = customer_keys(digest, ref="kd-1", email="ann@example.COM", phone="0086-13812345678")
    assert one == other == ["eemail:ann@example.com", "pphone:13812345678", "rref:kd-1"]

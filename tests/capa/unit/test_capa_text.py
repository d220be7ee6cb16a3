from capa.domain.text import Signature, grams, likeness, signature_of, weights_of

CATCH_ALL = frozenset({"other", "其他"})


def test_chinese_gives_bigrams_and_english_trigrams_of_words() -> None:
    assert grams("变速箱顿挫", 50) == ["变速", "速箱", "箱顿", "顿挫"]
    assert grams("The Seal", 50) == ["_se", "sea", "eal", "al_"]
    assert grams("漏", 50) == ["漏"]


def test_grams_are_counted_once_and_capped() -> None:
    assert grams("leak leak leak", 50) == grams("LEAK", 50)
    assert len(grams("漏油异响顿挫抖动", 3)) == 3


def test_full_width_and_case_do_not_matter() -> None:
    assert grams("ＥＲＲＯＲ　４０４", 50) == grams("error 404", 50)


def test_a_signature_needs_family_and_a_telling_code() -> None:
    assert signature_of("Pump", "LEAK", None, CATCH_ALL) == Signature("pump", "leak", "")
    assert signature_of("pump", "Other", "seal", CATCH_ALL) is None
    assert signature_of("pump", "其他", "seal", CATCH_ALL) is None
    assert signature_of("", "leak", "seal", CATCH_ALL) is None
    assert signature_of("pump", None, "seal", CATCH_ALL) is None


def test_a_short_complaint_finds_itself_in_a_long_case() -> None:
    short, long = "变速箱顿挫", "车辆低速行驶时变速箱顿挫，升级控制软件后消除，并重新学习离合器结合点"
    assert likeness(grams(short, 50), grams(long, 50), weights_of({})) == 1.0


def test_texts_without_a_common_gram_have_no_likeness() -> None:
    assert likeness(grams("abc", 50), grams("xyz", 50), weights_of({})) == 0.0
    assert likeness([], [], weights_of({})) == 0.0


def test_what_every_text_says_tells_little() -> None:
    weights = weights_of({"客户": 0.9, "漏油": 0.01})
    assert weights.of("客户") < 0.2 < weights.of("漏油") == weights.of("异响")
    common = likeness(["客户", "漏油"], ["客户", "异响"], weights)
    telling = likeness(["客户", "漏油"], ["漏油", "异响"], weights)
    assert common < 0.1 < telling

from redressctl.clusters import Known, find_clusters
from redressctl.demo.plan import plan_work
from redressctl.demo.script import file_of
from redressctl.demo.texts import quotes, telling_terms
from redressctl.demo.wording import wording_of


def complaint(n: int, family: str = "A", defect: str = "leak", text: str = "it leaks", **more: object) -> Known:
    given = {"failure_location": "seal", "language": "en", "coded": True, "occurred_on": "2026-01-01"} | more
    return Known(f"id-{n}", f"C26-{n:07}", text, family, defect, **given)  # type: ignore[arg-type]


def test_complaints_of_one_family_and_defect_form_a_cluster_from_three_on() -> None:
    found = find_clusters([complaint(1), complaint(2), complaint(3), complaint(4, "B"), complaint(5, "B")])
    assert [(cluster.key, len(cluster.complaints)) for cluster in found] == [(("A", "leak"), 3)]


def test_the_largest_cluster_comes_first_and_ties_are_in_the_order_of_names() -> None:
    many = [complaint(n, family) for n, family in enumerate("CCCBBBAAAA")]
    assert [cluster.product_family for cluster in find_clusters(many)] == ["A", "B", "C"]


def test_a_catch_all_code_forms_no_cluster() -> None:
    assert find_clusters([complaint(n, defect="other", coded=False) for n in range(5)]) == []


def test_a_cluster_speaks_the_language_of_its_larger_part() -> None:
    mixed = [complaint(1, language="zh"), complaint(2, language="zh"), complaint(3)]
    assert find_clusters(mixed)[0].language == "zh"


def test_terms_are_those_that_the_cluster_shares_and_others_lack() -> None:
    own = ["上坡时电机突然断电，仪表黑屏", "过减速带电机会断电，很吓人", "骑到一半，电机不转了"]
    others = ["上坡的时候刹车尖叫", "仪表很漂亮", "三次送货都迟到"]
    cluster = find_clusters([complaint(n, "车", "断电", text, language="zh") for n, text in enumerate(own)])[0]
    background = [complaint(n, text=text, language="zh") for n, text in enumerate(others)]
    assert telling_terms(cluster, background, most=1) == ["电机"]


def test_quotes_are_clauses_of_different_complaints_that_name_the_problem() -> None:
    texts = (
        "I bought it in May. The seal lets water out at every spin.",
        "Nice colour. The seal leaks at night, badly.",
    )
    cluster = find_clusters([complaint(n, text=texts[n % 2]) for n in range(3)])[0]
    cut = quotes(cluster, ["water"])
    assert [quote.text for quote in cut] == ["The seal leaks at night", "The seal lets water out at every spin."]


def test_wording_of_a_cluster_is_drawn_from_its_complaints_and_leaves_no_placeholder() -> None:
    sample = file_of(None, None)
    known = [
        complaint(
            n, row["family"], row["defect"], row["what_happened"], language=row["lang"], coded=row["defect"] != "other"
        )
        for n, row in enumerate(sample.rows())
    ]
    for cluster in find_clusters(known):
        wording = wording_of(cluster, known)
        written = [
            cell
            for phrase in ("occurrence", "escape", "fishbone", "actions")
            for row in wording.rows(phrase)
            for cell in row
        ]
        written += [wording(phrase) for phrase, text in wording.block.items() if isinstance(text, str)]
        assert not [text for text in written if "$" in text]
        assert any(wording.words["quote1"] in text for text in written)
        assert any(wording.words["quote1"] in one.description for one in cluster.complaints)


def test_a_large_file_gives_at_least_two_hundred_closures_and_ten_clusters() -> None:
    plan = plan_work(1700, 138)
    assert plan.closures >= 200
    assert plan.clusters >= 10


def test_a_small_file_keeps_some_cases_open() -> None:
    plan = plan_work(60, 8)
    assert (plan.clusters, plan.closures) == (8, 45)

"""A company fills in its products by file, and asks what a lot has caused."""

import io
import time
from collections.abc import Callable
from typing import Any

import openpyxl

from stack.stack import Stack
from tests.e2e.conftest import Person

REGISTERS = "/v1/master-data"
FAMILY = "E2E pump"


def sent(person: Person, register: str, content: bytes, **form: str) -> Any:
    answer = person.http.post(
        f"{REGISTERS}/{register}/imports", data=form, files={"file": ("given", content, "application/octet-stream")}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def as_xlsx(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_files_of_master_data_lead_to_the_scope_of_a_lot(stack: Stack, admin: Person) -> None:
    families = f'{{"product_family": "{FAMILY}", "label_zh": "泵"}}\n'.encode()
    assert sent(admin, "product-families", families, dry_run="true")["created"] == 1
    assert sent(admin, "product-families", families)["created"] == 1
    lots = f"产品系列,批号,生产日期,工厂,生产数量\n{FAMILY},L1,2026-01-05,Wuhu,500\n{FAMILY},L2,soon,Wuhu,1\n"
    report = sent(admin, "product-lots", lots.encode("gb18030"))
    assert (report["created"], report["first_rejects"][0]["line"]) == (1, 3)
    shipped = as_xlsx(["month", "product_family", "lot", "quantity"], ["2026-02", FAMILY, "L1", 400])
    assert sent(admin, "shipments", shipped)["created"] == 1
    # The registers are looked at every two seconds by whoever registers complaints.
    time.sleep(2.5)
    body = {"language": "en", "customer_name": "Ann", "product_family": FAMILY.upper(), "lot": "L1", "quantity": 4}
    items = [{"defect_code": "leak"}, {"defect_code": "rust", "quantity": 1}]
    made = admin.do("POST", "/v1/complaints", body | {"description": "It leaks and rusts", "defect_items": items})
    asked = {"product_family": FAMILY, "lot": "L1"}
    scope = admin.get("/v1/scope", **asked)
    assert (scope["complaints"], scope["affected_quantity"], scope["shipped_quantity"]) == (1, 4, 400)
    assert {defect["name"] for defect in scope["by_defect"]} == {"leak", "rust"}
    assert scope["complaints_per_million"] == 2500
    assert made["number"] in admin.http.get("/v1/scope/complaints.csv", params=asked).text
    assert f"{FAMILY},L1,,2026-01-05,Wuhu,500" in admin.http.get(f"{REGISTERS}/product-lots/records.csv").text
    complaint = admin.get(f"/v1/complaints/{made['complaint_id']}")
    assert [item["defect_code"] for item in complaint["defect_items"]] == ["leak", "rust"]
    service = admin.get(
        "/v1/units-in-service", product_family=FAMILY, production_from="2026-01", production_to="2026-01"
    )
    assert service["months"][0]["complaints"] == 1


def test_a_record_is_kept_by_a_call_and_guarded_by_its_version(admin: Person) -> None:
    body = {"product_family": "E2E valve", "label_en": "Valve"}
    first = admin.send("POST", f"{REGISTERS}/product-families", body)
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert admin.send("POST", f"{REGISTERS}/product-families", body | {"label_en": "x"}, version=7).status_code == 412
    wrong = admin.send("POST", f"{REGISTERS}/shipments", {"month": "2026-13", "product_family": "none", "quantity": 1})
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "month")
    assert admin.http.post(f"{REGISTERS}/no-such/imports", files={"file": b"x"}).status_code == 404


def test_a_sample_is_followed_through_the_public_door(admin: Person) -> None:
    body = {"language": "en", "customer_name": "Ann", "product_family": FAMILY, "description": "It leaks"}
    made = admin.do("POST", "/v1/complaints", body)
    sample = admin.do("POST", f"/v1/complaints/{made['complaint_id']}/samples", {"serials": ["S1"]})
    path = f"/v1/samples/{sample['sample_id']}"
    assert admin.send("POST", f"{path}/receive", {}).status_code == 428
    received = admin.do("POST", f"{path}/receive", {"location": "shelf 4"}, version=1)
    body = {"result": "no_trouble_found", "finding": "none"}
    early = admin.send("POST", f"{path}/conclude", body, version=received["version"])
    assert (early.status_code, early.json()["possible"][0]) == (409, "standard_test")
    tests = [{"test": name, "outcome": "passed"} for name in early.json()["possible"]]
    done = admin.do("POST", f"{path}/conclude", body | {"protocol": tests}, version=received["version"])
    assert (done["state"], admin.get(path)["result"]) == ("concluded", "no_trouble_found")


def test_an_unknown_spelling_is_resolved_for_past_complaints_too(admin: Person, eventually: Callable[..., Any]) -> None:
    body = {"language": "en", "customer_name": "Ann", "product_family": "E2E-pmp", "description": "It leaks"}
    made = admin.do("POST", "/v1/complaints", body)
    unknown = admin.get(f"{REGISTERS}/unknown-codes", field="product_family", limit=200)["items"]
    assert "E2E-pmp" in [code["spelling"] for code in unknown]
    resolved = {"field": "product_family", "spelling": "E2E-pmp", "code": FAMILY, "fix_past": True}
    admin.do("POST", f"{REGISTERS}/unknown-codes/resolve", resolved)
    path = f"/v1/complaints/{made['complaint_id']}"
    eventually(lambda: admin.get(path)["product_family"] == FAMILY)

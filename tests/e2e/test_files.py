"""A photo beside a complaint, and a file in the background, through the public door and a whole installation."""

import json
from collections.abc import Callable
from typing import Any

PHOTO = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 400
MAPPING = {
    "columns": {"description": {"column": "text"}, "product_family": {"column": "product"}},
    "safety_not_asked": True,
    "language": "en",
}


def test_a_photo_goes_in_and_comes_out(clerk: Any, complaint_of: Callable[..., dict[str, Any]]) -> None:
    complaint = clerk.do("POST", "/v1/complaints", complaint_of())
    path = f"/v1/complaints/{complaint['number']}/attachments"
    files = [("note", (None, "左前轮")), ("file", ("照片 1.png", PHOTO, "image/png"))]
    added = clerk.http.post(path, files=files)
    assert added.status_code == 201, added.text
    attachment = added.json()
    assert (attachment["name"], attachment["content_type"], attachment["size"]) == (
        "照片 1.png",
        "image/png",
        len(PHOTO),
    )
    assert clerk.http.post(path, files=files[1:]).status_code == 200
    found = clerk.http.get(f"/v1/attachments/{attachment['attachment_id']}/content")
    assert found.content == PHOTO
    assert "filename*=UTF-8''%E7%85%A7%E7%89%87%201.png" in found.headers["content-disposition"]
    assert found.headers["x-content-type-options"] == "nosniff"
    refused = clerk.http.post(path, files=[("file", ("tool.exe", b"MZ\x90\0", "image/png"))])
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (422, "unfit_file")
    assert [one["name"] for one in clerk.get(path)["items"]] == ["照片 1.png"]


def test_nobody_reads_a_file_without_credentials(clerk: Any, nobody: Any, complaint_of: Callable[..., Any]) -> None:
    complaint = clerk.do("POST", "/v1/complaints", complaint_of())
    path = f"/v1/complaints/{complaint['complaint_id']}/attachments"
    attachment = clerk.http.post(path, files=[("file", ("a.png", PHOTO, "image/png"))]).json()
    content = f"/v1/attachments/{attachment['attachment_id']}/content"
    assert nobody.http.get(content).status_code == 401
    assert clerk.http.get("/v1/attachments/01a206ca-c976-70bd-ba06-dcc49f223e5b/content").status_code == 404


def test_a_file_in_the_background_tells_how_far_it_is(quality: Any, eventually: Callable[..., Any]) -> None:
    lines = [f"The lamp number {n} flickers and then goes out,Lamp L{n % 3}" for n in range(500)]
    content = "\n".join(["text,product", *lines]).encode()
    parts = [
        ("mapping", (None, json.dumps(MAPPING))),
        ("background", (None, "true")),
        ("file", ("lamps.csv", content, "text/csv")),
    ]
    taken = quality.http.post("/v1/imports", files=parts)
    assert taken.status_code == 202, taken.text
    place = taken.headers["location"]
    done = eventually(lambda: (report := quality.get(place))["state"] == "done" and report, 60)
    assert (done["registered"], done["rejected"], done["progress"]) == (500, 0, 1)
    assert done["import_id"] in [one["import_id"] for one in quality.get("/v1/imports", state="done")["items"]]


def test_a_mapping_is_kept_and_named_by_the_next_file(quality: Any) -> None:
    kept = quality.do("PUT", "/v1/import-mappings/lamps", {"label": "Lamps", "document": MAPPING})
    assert kept["document"] == MAPPING
    parts = [
        ("mapping_name", (None, "lamps")),
        ("dry_run", (None, "true")),
        ("file", ("one.csv", b"text,product\nThe lamp is dark,Lamp L9\n", "text/csv")),
    ]
    tried = quality.http.post("/v1/imports", files=parts).json()
    assert (tried["dry_run"], tried["registered"]) == (True, 1)

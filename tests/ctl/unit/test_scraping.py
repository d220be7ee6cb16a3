from redressctl.scraping import configuration


def test_each_replica_is_a_target_labelled_as_a_pod_on_kubernetes() -> None:
    urls = {"intake": ["http://127.0.0.1:7001", "http://127.0.0.1:7002"], "capa": ["http://127.0.0.1:7003"]}
    made = configuration(urls, namespace="laptop", rules=["/rules/*.yaml"], every_seconds=2)
    assert made["global"]["scrape_interval"] == "2s"
    assert made["rule_files"] == ["/rules/*.yaml"]
    intake, capa = made["scrape_configs"]
    assert [job["job_name"] for job in (intake, capa)] == ["intake", "capa"]
    assert intake["static_configs"][1] == {
        "targets": ["127.0.0.1:7002"],
        "labels": {"namespace": "laptop", "service": "intake", "pod": "intake-1"},
    }

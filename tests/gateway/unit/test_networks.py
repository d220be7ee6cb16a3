import pytest

from gateway.edge.networks import network_of, unmapped


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_limits_count_by_what_one_customer_has_to_itself(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7", "::ffff:c000:207", "testclient", ""])
def test_an_address_is_written_as_everybody_writes_it(address: str) -> None:
    assert unmapped(address) == address


def test_an_ipv4_client_of_a_socket_of_both_families_is_an_ipv4_client() -> None:
    assert unmapped("::ffff:192.0.2.7") == "192.0.2.7"

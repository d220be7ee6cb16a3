import socket

from stack.ports import LOOPBACK, free_port, ports_from, preferred_port


def test_free_ports_are_never_given_twice() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200


def test_a_taken_port_is_not_preferred() -> None:
    port = free_port()
    assert preferred_port(port) == port
    with socket.create_server((LOOPBACK, port)):
        assert preferred_port(port) != port


def test_ports_from_a_base_are_the_same_on_every_run() -> None:
    first, second = ports_from(21_000), ports_from(21_000)
    assert [first(), first()] == [second(), second()] == [21_000, 21_001]

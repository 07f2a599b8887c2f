import socket

import pytest

from shopops.ops import ports

HERE = "127.0.0.1"


def as_web_server(port):
    """Listen as gunicorn does with --reuse-port."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    line.bind((HERE, port))
    line.listen()
    return line


def test_two_stores_that_start_together_get_two_ports():
    """Between the choice and the web server's start lies the demo store: a minute in which another may ask."""
    with ports.take(HERE, None, None) as first, ports.take(HERE, None, None) as second:
        assert ports.number(first) != ports.number(second)


def test_the_web_server_joins_the_held_port_and_hears_all_of_it():
    with ports.take(HERE, None, None) as held, as_web_server(ports.number(held)) as web:
        for _ in range(8):
            with socket.create_connection((HERE, ports.number(held)), timeout=10):
                web.accept()[0].close()


def test_the_port_of_last_time_is_taken_again_while_its_connections_linger():
    with ports.take(HERE, None, None) as held:
        port = ports.number(held)
        web = as_web_server(port)
        visitor = socket.create_connection((HERE, port))
        web.accept()[0].close()  # the side that closes first lingers
        visitor.close()
        web.close()

    with ports.take(HERE, None, port) as again:
        assert ports.number(again) == port


@pytest.mark.parametrize("asked", ["eighty", "99999", "²"])
def test_a_wrong_port_is_refused(asked):
    with pytest.raises(SystemExit, match=f"Port {asked} is taken or wrong"):
        ports.take(HERE, asked, None)


def test_a_taken_port_is_refused():
    with socket.socket() as line:
        line.bind((HERE, 0))
        line.listen()
        with pytest.raises(SystemExit, match="is taken"):
            ports.take(HERE, str(line.getsockname()[1]), None)

import socket

import httpx

from . import BotApiServer


def test_an_answer_is_never_held_back_to_save_packets(server: BotApiServer) -> None:
    with httpx.Client(trust_env=False) as client:
        client.get(f"{server.base_url}{server.token}/getMe")
        connections = [one.transport.get_extra_info("socket") for one in server._listener._connections()]
        assert [bool(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) for one in connections] == [True]


def test_a_server_comes_back_at_the_same_address(server: BotApiServer) -> None:
    before = server.base_url
    with server.unreachable():
        pass
    assert server.base_url == before
    assert httpx.get(f"{before}{server.token}/getMe", trust_env=False).json()["ok"]

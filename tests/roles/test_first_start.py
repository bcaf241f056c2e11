"""Who becomes the first admin, and how."""

from __future__ import annotations

import re

from tests.roles._client import EMAIL, PASSWORD, Client
from tests.roles._process import Process
from tests.roles.conftest import Start


def link_token(process: Process) -> str:
    address = re.escape(process.address)
    return process.says(rf"{address}/setup\?token=(\S+)")[1]


def set_up(client: Client, token: str) -> int:
    body = {"token": token, "email": EMAIL, "password": PASSWORD, "name": "Ada"}
    return client.post("/api/auth/setup", body).status


def test_the_link_of_the_first_start_makes_one_admin_once(start: Start) -> None:
    process = start(env={})
    client, token = Client(process.address), link_token(process)
    assert client.get("/api/auth/setup_needed").json == {"needed": True}
    assert set_up(client, "guessed") == 401
    assert set_up(client, token) == 201
    assert set_up(client, token) == 401
    assert client.get("/api/auth/setup_needed").json == {"needed": False}
    assert client.log_in().get("/api/users/whoami").json["super_admin"]
    assert process.stop() == 0
    again = start(env={})
    again.says("windmill-lite serves")
    assert "token" not in again.output, "there is an admin"
    assert Client(again.address).log_in().token


def test_a_new_start_gives_a_new_link_and_ends_the_old_one(start: Start) -> None:
    first = start(env={})
    old = link_token(first)
    first.kill()
    second = start(env={})
    client, new = Client(second.address), link_token(second)
    assert set_up(client, old) == 401
    assert set_up(client, new) == 201


def test_the_environment_names_the_first_admin_and_no_later_one(start: Start) -> None:
    process = start()
    assert Client(process.address).log_in().token
    assert "token" not in process.output
    assert process.stop() == 0
    other = {
        "WINDMILL_LITE_ADMIN_EMAIL": EMAIL,
        "WINDMILL_LITE_ADMIN_PASSWORD": "another password",
    }
    again = start(env=other)
    assert Client(again.address).log_in().token, "the password is still the first one"


def test_a_password_is_never_in_the_output(start: Start) -> None:
    process = start("--log-level", "debug", "--log-format", "json")
    Client(process.address).log_in()
    assert process.stop() == 0
    assert PASSWORD not in process.output
    assert "made the first admin ada@here.test" in process.output

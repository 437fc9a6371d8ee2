"""Long work of the command line, done by the service that runs on this home already.

Several writers of one SQLite file starve each other, so the command does not write itself: it makes a key for
the one call, sends the file over HTTP, and revokes the key.
"""

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from api.context import Service
from api.errors import RunningServiceError
from governance.accounts import make_key, revoke_key
from governance.scopes import COMMAND_LINE, Grant

TIMEOUT_SECONDS = 3600
"""The answer comes once the whole file was worked through."""


def send_file(
    service: Service, path: str, media_type: str, file: IO[bytes], scopes: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """POST the file to the running service of this home; yields the lines of its answer.

    Raises:
        RunningServiceError: It can not be reached, or refuses.
    """
    connection = http.client.HTTPConnection(
        service.settings.host, service.settings.port, timeout=TIMEOUT_SECONDS
    )
    with key_for_a_call(service, scopes) as token:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": media_type,
            "Content-Length": str(os.fstat(file.fileno()).st_size),
        }
        try:
            connection.request("POST", path, body=file, headers=headers)
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                raise RunningServiceError(f"the running service answers {answer.status}: {_detail(answer)}")
            for line in answer:
                yield json.loads(line)
        except (OSError, http.client.HTTPException) as error:
            raise RunningServiceError("the running service of this home can not be reached") from error
        finally:
            connection.close()


@contextmanager
def key_for_a_call(service: Service, scopes: frozenset[str]) -> Iterator[str]:
    """A key that lives as long as the call."""
    now = service.clock()
    made = service.main.write(
        lambda session: make_key(session, "command line", Grant(scopes), maker=COMMAND_LINE, now=now)
    )
    try:
        yield made.token
    finally:
        now = service.clock()
        service.main.write(lambda session: revoke_key(session, made.id, actor=COMMAND_LINE.id, now=now))


def _detail(answer: http.client.HTTPResponse) -> str:
    """What a problem document says."""
    try:
        return str(json.loads(answer.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason

"""``python deploy/probe.py http://127.0.0.1:8000/health/ready``: exit code 0 when it answers 200.

It names one of the hosts that are served; the server answers nobody else.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

SECONDS = 4


def answers(url: str, host: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
    try:
        connection.request("GET", parts.path, headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    served = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    sys.exit(0 if answers(sys.argv[1], served or "localhost") else 1)

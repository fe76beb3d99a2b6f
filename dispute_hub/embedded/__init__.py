"""PostgreSQL and Valkey from the wheels, for a machine that has Python and nothing else.

One keeper process per data folder holds both servers; every process that needs them holds a shared lock, and
the keeper leaves when nobody holds it any more. Where `DATABASE_URL` or `REDIS_URL` is set, that server is
used instead and never started or stopped from here.
"""

from dispute_hub.embedded.addresses import Addresses, addresses, own_secret
from dispute_hub.embedded.lease import ensure_up, release, servers_for_command

__all__ = ["Addresses", "addresses", "ensure_up", "own_secret", "release", "servers_for_command"]

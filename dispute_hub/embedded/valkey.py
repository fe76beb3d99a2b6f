"""The Valkey of one data folder: nudges only, so nothing of it is kept on disk."""

import os
import signal
import subprocess
from pathlib import Path

import redis

from dispute_hub.embedded import binaries, processes
from dispute_hub.embedded.addresses import addresses

_NAMES = ("valkey-server", "redis-server")


class Valkey:
    """Starts, asks and stops the server."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    hard_signal = signal.SIGKILL

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "valkey"
        self.program = binaries.valkey_server()

    def make_ready(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        processes.clear_out(self.folder, _NAMES, politely=self.stop_signal, within=5)
        kept = addresses(self.data_dir)
        lines = {
            "bind": "127.0.0.1",
            "port": str(kept.valkey_port),
            "requirepass": kept.valkey_password,
            "save": '""',
            "appendonly": "no",
            "maxmemory": "256mb",
            # An evicted nudge would be lost in silence; a refused one is seen and swept (M13).
            "maxmemory-policy": "noeviction",
            "dir": ".",
        }
        # In a file, for a password on the command line shows in every process list.
        descriptor = os.open(self.folder / "valkey.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.writelines(f"{key} {value}\n" for key, value in lines.items())

    def start(self) -> subprocess.Popen[bytes]:
        with (self.data_dir / "valkey.log").open("ab") as log:
            return processes.spawn(
                [str(self.program), "./valkey.conf"],
                cwd=self.folder,
                log=log,
                at_parent_death=self.stop_signal,
            )

    def answers(self) -> bool:
        kept = addresses(self.data_dir)
        client = redis.Redis(
            host="127.0.0.1", port=kept.valkey_port, password=kept.valkey_password, socket_timeout=2
        )
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False
        finally:
            client.close()

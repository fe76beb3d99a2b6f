"""Pages of the inbox, of deliveries that failed, and of the platforms."""

from dispute_hub.outbox.views._dead import dead_letter, dead_letters, dead_replay
from dispute_hub.outbox.views._inbox import notices, open_notice, read_all

__all__ = ["dead_letter", "dead_letters", "dead_replay", "notices", "open_notice", "read_all"]

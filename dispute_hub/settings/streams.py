"""Live pages: which addresses are served as coroutines, and the app that holds their triggers."""

from dispute_hub.settings.base import INSTALLED_APPS

INSTALLED_APPS += ["dispute_hub.streams"]
# Prefix of the path → the ASGI application behind it.
HUB_STREAMS = {"/streams/": "dispute_hub.streams.endpoint.application"}

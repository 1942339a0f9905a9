"""What is timed elsewhere is not timed here: examples may take what a busy machine makes them take."""

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

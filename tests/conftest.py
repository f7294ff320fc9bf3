"""What several kinds of tests share."""

from hypothesis import settings

pytest_plugins = ["pytester"]

# How long an example takes depends on what else runs on the machine; that is not what is tested.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

"""``pytest-energy profiles list``: one line per power profile."""

import json
from collections.abc import Sequence

from pytest_energy.cli.profile_words import band_of, kind_of, plain, watts_of
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.power.catalogue import everything
from pytest_energy.power.profile import Profile

_FOUND_NONE = 1


def run(words: Sequence[str], *, as_json: bool) -> int:
    """Show the profiles whose id, aliases or name hold all words.

    Returns:
        0; 1 where there is none.
    """
    found = [one for one in everything() if all(word.lower() in _text(one) for word in words)]
    if as_json:
        print(json.dumps([plain(one) for one in found], indent=2, ensure_ascii=False))
        return 0 if found else _FOUND_NONE
    screen = standard_screen()
    screen.table(
        ("profile", "kind", "idle to full", "band"),
        [(one.id, kind_of(one), watts_of(one), band_of(one)) for one in found],
        foldable=(0,),
    )
    sources = {source for one in found for source in one.source}
    screen.line(f"{len(found)} profiles of {len(everything())}, by {len(sources)} sources")
    show(screen)
    return 0 if found else _FOUND_NONE


def _text(profile: Profile) -> str:
    return " ".join((profile.id, *profile.aliases, profile.name, kind_of(profile))).lower()

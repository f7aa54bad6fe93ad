"""When a report is not made at all: too many broken sources, or any note when asked to be strict."""

from __future__ import annotations

from runpages.config import Config
from runpages.errors import BadInputs, ConfigError, Note
from runpages.gather import Gathered
from runpages.views import text


def broken(gathered: Gathered) -> list[Note]:
    """A note per source of which nothing, or not all, could be read: its error, or what was said when it gave no run."""
    lost = []
    for one in gathered.stored:
        errors = [note for note in one.notes if note.level == "error"]
        warnings = [note for note in one.notes if note.level == "warning"]
        lost += errors[:1] or (warnings[:1] if not one.heads else [])
    return lost


def refuse_broken(config: Config, gathered: Gathered) -> None:
    """Raises BadInputs when more sources are broken than allowed, ConfigError for any note with --strict."""
    lost = broken(gathered)
    if config.max_bad_runs is not None and len(lost) > config.max_bad_runs:
        raise BadInputs(
            "too-many-bad-runs",
            f"{text.plural(len(lost), 'run')} could not be read, {config.max_bad_runs} allowed; the first: {lost[0].what}",
            where=lost[0].where,
            hint="raise --max-bad-runs, or mend the folders",
        )
    if config.strict:
        serious = [note for one in gathered.stored for note in one.notes if note.level != "info"] + [*gathered.notes]
        if serious:
            note = serious[0]
            raise ConfigError(
                "strict-notes",
                f"{text.plural(len(serious), 'note')} with --strict; the first: {note.what}",
                where=note.where,
                hint=note.hint,
            )

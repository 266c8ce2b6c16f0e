"""What lies on this machine: the home, the keys in it, the policy pack, the files that models need."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from agent.doctor.finding import Finding, broken, doubtful, well
from agent.settings import Settings
from agent.store.keys import audit_keys, identity_key
from knowledge.embeddings import EmbeddingModelError, load_minilm
from knowledge.frontmatter import PackError
from knowledge.pack import default_pack_path, load_pack
from tools.domain.errors import SettingsError

KEYS = ("identity.key", "audit.key", "development-signing-key.pem")


async def check_places(settings: Settings) -> list[Finding]:
    return await asyncio.to_thread(lambda: [_home(settings.home), *_keys(settings), _pack(settings), _embeddings()])


def _home(path: Path) -> Finding:
    where = path.absolute()
    nearest = next(folder for folder in (where, *where.parents) if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return well("home", str(where))
    return broken("home", f"{where} cannot be written", "Set CONCIERGE_HOME to a folder this user may write to.")


def _keys(settings: Settings) -> Iterator[Finding]:
    try:
        given = [
            name
            for name, value, read in (
                ("identity", settings.identity_key, identity_key),
                ("audit", settings.audit_key, audit_keys),
            )
            if value is not None and read(value, settings.home)
        ]
    except SettingsError as error:
        yield broken("keys", str(error), "Make one with `openssl rand -hex 32`.")
        return
    made = [name for name in ("identity", "audit") if name not in given]
    yield well("keys", "; ".join([*(f"{n}: given" for n in given), *(f"{n}: a file of the home" for n in made)]))
    files = [settings.home / name for name in KEYS]
    if open_ := [file.name for file in files if file.exists() and file.stat().st_mode & 0o077]:
        yield doubtful(
            "keys", f"Others on this machine may read {', '.join(open_)}.", f"chmod 600 {' '.join(open_)} in the home."
        )


def _pack(settings: Settings) -> Finding:
    try:
        pack = load_pack(settings.policies or default_pack_path())
    except PackError as error:
        remedy = "Correct the clause, or point CONCIERGE_POLICIES at a folder that has a pack; `concierge policy lint`."
        return broken("policies", str(error), remedy)
    return well("policies", f"{len({clause.id for clause in pack.clauses})} clauses")


def _embeddings() -> Finding:
    try:
        load_minilm()
    except EmbeddingModelError as error:
        return broken("embeddings", str(error), "Install the locked dependencies again.")
    return well("embeddings", "the packaged model, its digest is right")

"""The prompts of the evals, as Markdown files without figures."""

from importlib.resources import files


def read_prompt(name: str) -> str:
    return (files("evals") / "prompts" / f"{name}.md").read_text(encoding="utf-8").strip()

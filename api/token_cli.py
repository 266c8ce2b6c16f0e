"""`concierge token`"""

import json
from typing import Annotated

import typer

from agent.settings import read_settings
from api.auth.sign_in import development_issuer
from tools.sandbox.people import demo_people

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="As GET /dev/people names them: C000001, agent-anna.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print an access token for a demo person. It is good for twelve hours at the server of the same CONCIERGE_HOME."""
    made = development_issuer(read_settings(), demo_people()).token(subject)
    if made is None:
        known = ", ".join(person.id for person in demo_people())
        typer.secho(f"concierge: nobody is called {subject}. There are: {known}", err=True, fg="red")
        raise typer.Exit(1)
    typer.echo(json.dumps({"access_token": made, "token_type": "Bearer"}) if as_json else made)

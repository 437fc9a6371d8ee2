"""`leadwarden canaries`: marked, listed, lifted."""

from pathlib import Path

from click.testing import CliRunner

from api.cli import cli

LEAD = (
    '{"identifiers": [{"type": "email", "value": "anna.berg@example.com"}], '
    '"source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T09:00:00+00:00"}}\n'
)


def test_a_canary_is_marked_listed_and_lifted(runner: CliRunner, tmp_path: Path) -> None:
    """By lead id; an unknown lead is an error in one line."""
    (tmp_path / "leads.ndjson").write_text(LEAD)
    runner.invoke(
        cli, ["import", str(tmp_path / "leads.ndjson"), "--results", str(tmp_path / "results.ndjson")]
    )
    lead_id = (tmp_path / "results.ndjson").read_text().partition('"lead_id":')[2].split('"')[1]
    marked = runner.invoke(cli, ["canaries", "mark", lead_id])
    listed = runner.invoke(cli, ["canaries", "list"]).stdout
    lifted = runner.invoke(cli, ["canaries", "lift", lead_id])
    unknown = runner.invoke(cli, ["canaries", "mark", "nobody"])

    assert (marked.exit_code, lifted.exit_code) == (0, 0)
    assert listed.startswith(f"{lead_id}\t")
    assert runner.invoke(cli, ["canaries", "list"]).stdout == ""
    assert (unknown.exit_code, unknown.stderr) == (1, "leadwarden: there is no such lead\n")

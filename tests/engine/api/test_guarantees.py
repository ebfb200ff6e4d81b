from pathlib import Path

from tests.engine.api.conftest import Client

README = Path(__file__).parents[3] / "README.md"


async def test_the_service_promises_what_the_readme_promises(client: Client) -> None:
    answer = await client.get("/api/v1/system/guarantees")
    promised = [f"- {each['promise']}" for each in (await answer.json())["guarantees"]]
    text = README.read_text().partition("## What is promised")[2].partition("\n## ")[0]
    assert promised == [line for line in text.splitlines() if line.startswith("- ")]

from hashlib import sha256

from aiohttp import ClientSession


async def test_the_manifest_tells_every_page_to_the_byte(client: ClientSession) -> None:
    async with client.get("/manifest?n=20") as response:
        manifest = await response.json()
    assert manifest["seed"] == 7
    assert [entry["path"] for entry in manifest["pages"]] == [f"/page/{n}" for n in range(20)]
    for entry in manifest["pages"]:
        async with client.get(entry["path"]) as response:
            body = await response.read()
        assert (entry["bytes"], entry["sha256"]) == (len(body), sha256(body).hexdigest())

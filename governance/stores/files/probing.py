"""What stands against a mapping of files, on the files as they are."""

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.formats import UnreadableError
from governance.stores.files.places import Place, matching
from governance.stores.files.shapes import lay_files, layout_of
from governance.stores.mapping import StoreDocument
from governance.stores.problems import live_problems


def probe_files(place: Place, document: StoreDocument) -> tuple[str, ...]:
    """Problems, each a sentence that begins with the place it is about; changes nothing.

    Raises:
        StoreError: the place does not answer.
    """
    unknown = [name for name, mapping in document.tables.items() if layout_of(mapping) is None]
    if unknown:
        return tuple(
            f"tables.{name}: is neither CSV nor Parquet by its name; say `format`" for name in unknown
        )
    found = [*_twice(place, document), *_versions(place, document)]
    try:
        schema, _ = lay_files(place, document)
    except UnreadableError as error:
        return (*found, f"tables.{error.said}")
    except StoreError as error:
        if error.reason is not StoreCode.COLUMN_MISSING:
            raise
        return (*found, f"tables.{error.table}: its files do not have the same columns")
    return (*found, *live_problems(schema))


def _twice(place: Place, document: StoreDocument) -> list[str]:
    """Files that two tables name: whatever one says of them, the other would not."""
    owners: dict[str, list[str]] = {}
    for name in document.tables:
        try:
            files = matching(place, name)
        except StoreError as error:
            if error.reason is not StoreCode.TABLE_MISSING:
                raise
            continue
        for file in files:
            owners.setdefault(file, []).append(name)
    return [f"tables.{names[1]}: {file} is {names[0]}'s, too" for file, names in owners.items() if names[1:]]


def _versions(place: Place, document: StoreDocument) -> list[str]:
    """What is replaced in a versioned bucket stays behind, and the person in it."""
    if document.old_versions is None and place.keeps_old_versions():
        return ["old_versions: the bucket keeps old versions; say `delete`, or `{keep: WHY}`"]
    return []

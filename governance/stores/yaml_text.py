"""Store documents as YAML: read strictly, written so that a person can edit them. Pure."""

from typing import Any

import yaml
from yaml.nodes import MappingNode, SequenceNode

from governance.stores.errors import DocumentError

WIDTH = 110
INLINE = 80


class _StrictLoader(yaml.SafeLoader):
    """No aliases, which can make a small text huge, and no key twice, of which one would silently win."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len({repr(name) for name in names}) != len(names):
            raise yaml.YAMLError("a key stands twice")
        return super().construct_mapping(node, deep=deep)


class _CompactDumper(yaml.SafeDumper):
    """What fits on a line stands on one, as people write it."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> MappingNode:  # noqa: FBT001
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = len(str(mapping)) < INLINE
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> SequenceNode:  # noqa: FBT001
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = len(str(sequence)) < INLINE
        return node


def read_yaml(text: str | bytes) -> Any:
    """The value of a YAML document.

    Raises:
        DocumentError: it is none; the message says the line, never what stands there.
    """
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader, made stricter
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}"
        raise DocumentError({"document": [f"can not be read as YAML{where}"]}) from None


def write_yaml(document: Any) -> str:
    """A value as YAML, its keys in their own order."""
    return yaml.dump(document, Dumper=_CompactDumper, sort_keys=False, allow_unicode=True, width=WIDTH)

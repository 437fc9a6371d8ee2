"""Routes of `rulebooks`."""

from flask import Blueprint

blueprint = Blueprint("rulebooks", __name__)

"""Routes of `access`."""

from flask import Blueprint

blueprint = Blueprint("access", __name__)

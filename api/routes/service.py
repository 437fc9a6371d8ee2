"""Routes of `service`."""

from flask import Blueprint

blueprint = Blueprint("service", __name__)

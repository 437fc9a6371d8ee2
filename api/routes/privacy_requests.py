"""Routes of `privacy_requests`."""

from flask import Blueprint

blueprint = Blueprint("privacy_requests", __name__)

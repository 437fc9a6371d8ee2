"""The demo: a small CRM of made-up people, and the story that is told with it."""

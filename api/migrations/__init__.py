"""The schema's history: a chain of revisions for each database, run by alembic.

After a change of tables: `alembic` is not called by hand; `api.migrate.revise` writes the next revision of a
chain, which a person then reads, and a test holds the migrated schema to the tables.
"""

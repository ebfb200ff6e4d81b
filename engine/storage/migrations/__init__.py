"""Steps from an empty database to the schema of this release, for Alembic."""

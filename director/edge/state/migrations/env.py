"""What Alembic runs: the revisions, on the connection it was given.

Takes the connection from the configuration's attributes, changes the schema.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

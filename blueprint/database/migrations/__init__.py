"""The steps that lead from one version of the schema to the next (Alembic revisions).

`versions/NNNN_what.py` each hold one step. A step names tables and columns itself and imports
nothing of the schema package, which goes on changing.
"""

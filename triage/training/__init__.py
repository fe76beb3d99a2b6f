"""Training of the learned part of triage, apart from the product: only `manage.py train_triage` runs it."""

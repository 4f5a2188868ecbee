"""What may come next: the state table and the dialogue, pure."""

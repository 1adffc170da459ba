"""((variables)) of documents."""

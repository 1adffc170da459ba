"""What talks to the cloud, and all that it needs: settings, credentials, names, tags, refusals."""

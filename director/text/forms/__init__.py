"""Questions from templates and from the portal's forms; answers read; both written as JSON Schema and as a form."""

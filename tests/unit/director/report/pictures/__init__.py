"""Pictures of plans and tasks, as SVG: the graph of what waits for what, and the timeline with its critical path."""

"""Pure: values to words."""

"""What can be wrong with a design: rules, grouped by topic, and the findings they make."""

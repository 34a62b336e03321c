"""Plans: desired beside live state, in calls."""

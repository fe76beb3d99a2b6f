"""Questions across the stages: lists, the case file, what to do now, the board."""

"""When schedules fire: cron expressions in time zones, and what is owed after a silence."""

"""Programs: functions recorded once and replayed."""

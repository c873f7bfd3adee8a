-- Readings whose ids name their time are found again by it: filters in memory leave them out once runs are merged.
alter table metering.key_run
  add hours int[] not null default '{}';  -- where spans of hours begin and end, in which such readings are

-- Part -1 of a filter that was not merged yet knows those, the others know the rest.

-- additive
-- The day under which an entry is posted, where that is not the day of its instant.
alter table invoicing.posting add column posted date;

-- additive
-- Whose readings are taken in another database since, by landlord; '/' stands for everybody. Whoever writes here still
-- is refused: this changes together with the epoch, which every commit confirms.
alter table metering.head add column moved text[] not null default '{}';

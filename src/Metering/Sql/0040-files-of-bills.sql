-- From which files a bill was taken, so that a part of it that comes alone is not taken for the bill.
alter table metering.bill add column files text[] not null default '{}';

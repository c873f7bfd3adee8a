-- additive
-- What pages of usage add to months, before anything is rounded: a month is the sum of its pages, and a page is rated
-- again only when its usage, or something that decides about it, changed. All of it can be made again.
create table rating.month (
  month    text   not null,
  policies text   not null,
  version  bigint not null,  -- grows with each change: whoever works beside somebody else begins again
  as_of_us bigint not null,  -- until when usage counts
  prices   text[] not null,  -- what prices the month, each with its landlord and cluster
  owners   text[] not null,  -- how projects are divided, each with its cluster
  primary key (month, policies)
);

create table rating.page (
  month    text   not null,
  policies text   not null,
  page     int    not null,
  changed  bigint not null,  -- the change of the page that it is about
  as_of_us bigint not null,  -- until when its usage counted
  body     bytea  not null,
  primary key (month, policies, page)
);

alter table rating.page alter body set storage external;

-- From when until when each page has usage.
create table rating.extent (
  page    int    primary key,
  changed bigint not null,
  from_us bigint not null,
  to_us   bigint not null   -- the largest number there is while something runs on
);

-- Sessions that were signed out before they would have ended; kept until they would have.
create table exchange.ended_session (
  id    text primary key,
  until timestamptz not null
);

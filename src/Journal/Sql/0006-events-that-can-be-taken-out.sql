-- From here on the chain links what an event says by a hash with something random in front (Chain.Content). Where
-- somebody is erased that hash stays, and what it was made of goes: 'salt' and the event's own text.
alter table journal.link
  add column salt    bytea,  -- null of events of before, whose text itself is linked, and of what was taken out
  add column content bytea;  -- of what was taken out

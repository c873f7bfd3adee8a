-- From here on the digest of a block begins with something random. Where a person is erased from a block, its body and
-- what was random go; the digest, and the chain of them, stay, and what is shown stands in shown_block.
alter table invoicing.kept_block add column salt bytea;  -- null of blocks of before, and of emptied ones

-- A charge has several accounts where a closed month was billed to one and corrected to another.
alter table exchange.charge drop constraint charge_pkey;
alter table exchange.charge add primary key (month, id, pi);

-- additive
-- What service levels credit lies over the days of a month as use does, and no longer on its first: an unknown basis
-- has what was written of each month written again.
update exchange.rated set basis = '-';

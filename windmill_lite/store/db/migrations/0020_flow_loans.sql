-- A run that goes on from an earlier one reads its results: the earlier one stays as long.

create table flow_loan(
  run uuid primary key,
  lender uuid not null references job(id)  -- so that it does not go meanwhile
);
create index flow_loan_of on flow_loan(lender);
